package preflight

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	answeredTimeout = time.Second
	mostState       = 64 << 20 // bytes of a document
)

// answered returns how many replies of nodes the relay of this cluster has accepted that serves on
// the HTTP address of the settings, on this host as a rule. It is 0 if none runs there.
func (s *side) answered(ctx context.Context) (replies int64) {
	listen := s.o.Config.HTTP.Listen
	if listen == "" || strings.HasSuffix(listen, ":0") {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, answeredTimeout)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listen+"/api/v1/state", http.NoBody)
	if err != nil {
		return 0
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(ask)
	if err != nil {
		return 0
	}
	defer func() { _ = answer.Body.Close() }()
	var document struct {
		Instances []struct {
			Cluster string `json:"cluster"`
			Reply   struct {
				Accepted int64 `json:"accepted"`
			} `json:"reply"`
		} `json:"instances"`
	}
	if answer.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(answer.Body, mostState)).Decode(&document) != nil {
		return 0
	}
	for _, i := range document.Instances {
		if i.Cluster == s.o.Config.Cluster {
			replies += i.Reply.Accepted
		}
	}
	return replies
}
