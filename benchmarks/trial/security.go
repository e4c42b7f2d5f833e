package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/secure"
)

// web asks servers and relays, which are on this machine. It keeps no connections: they would count
// as those of a relay.
var web = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}

func get(ctx context.Context, url string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return web.Do(request)
}

// checkSecurity asks the servers what their connections have negotiated. It returns an error if one
// differs from the others: then its figures cannot be compared.
func (b *testbed) checkSecurity() error {
	if b.security == nil {
		return nil
	}
	for _, server := range []string{b.addresses.FedMonitoring, b.addresses.ColMonitoring} {
		if err := checkServer(b.ctx, server); err != nil {
			return err
		}
	}
	return nil
}

func checkServer(ctx context.Context, monitoring string) error {
	response, err := get(ctx, monitoring+"/connz?limit=100000")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var list struct {
		Connections []struct {
			Name    string `json:"name"`
			Version string `json:"tls_version"`
			Suite   string `json:"tls_cipher_suite"`
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		return err
	}
	for _, c := range list.Connections {
		if err := secure.Check(c.Version, c.Suite); err != nil {
			return fmt.Errorf("connection %q: %w", c.Name, err)
		}
	}
	return nil
}
