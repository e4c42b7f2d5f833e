package web

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/fedrelay/fedrelay/internal/state"
)

// How many entries the lists of the page have at most.
const (
	maxRequests   = 40
	maxRejections = 40
)

// A Document is all that the page begins with.
type Document struct {
	Instances  []state.Instance  `json:"instances"`
	Requests   []Recent          `json:"requests"`   // newest first
	Rejections []state.Rejection `json:"rejections"` // newest first
}

// A Recent is a recent request of one of the clusters.
type Recent struct {
	Cluster string `json:"cluster"`
	state.Summary
}

// state answers with everything at once, for programs that do not listen.
func (p *Page) state(w http.ResponseWriter, _ *http.Request) {
	sources := p.hub.sources
	writeJSON(w, Document{Instances: instances(sources), Requests: requests(sources), Rejections: rejections(sources)})
}

// request answers with what each instance knows of a request.
func (p *Page) request(w http.ResponseWriter, r *http.Request) {
	id, cluster := r.URL.Query().Get("id"), r.URL.Query().Get("cluster")
	found := []state.Request{}
	for _, source := range p.hub.sources {
		if known, ok := source.Request(id); ok && (cluster == "" || cluster == known.Cluster) {
			found = append(found, known)
		}
	}
	writeJSON(w, found)
}

func instances(sources []state.Source) []state.Instance {
	all := make([]state.Instance, len(sources))
	for i, source := range sources {
		all[i] = source.Instance()
	}
	return all
}

// requests returns the latest requests of all sources, newest first.
func requests(sources []state.Source) []Recent {
	all := []Recent{}
	for _, source := range sources {
		cluster := source.Instance().Cluster
		for _, summary := range source.Requests(maxRequests) {
			all = append(all, Recent{cluster, summary})
		}
	}
	slices.SortStableFunc(all, func(a, b Recent) int { return b.First.Compare(a.First) })
	return all[:min(len(all), maxRequests)]
}

func rejections(sources []state.Source) []state.Rejection {
	all := []state.Rejection{}
	for _, source := range sources {
		all = append(all, source.Rejections(maxRejections)...)
	}
	slices.SortStableFunc(all, func(a, b state.Rejection) int { return b.At.Compare(a.At) })
	return all[:min(len(all), maxRejections)]
}

func writeJSON(w http.ResponseWriter, document any) {
	h := w.Header()
	secure(h)
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(marshal(document)) // fails if the client is gone
}

// marshal never fails for documents of this package and of package state.
func marshal(document any) []byte {
	text, err := json.Marshal(document)
	if err != nil {
		panic("web: BUG: " + err.Error())
	}
	return text
}
