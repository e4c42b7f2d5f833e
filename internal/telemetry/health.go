package telemetry

import (
	"net/http"
	"strings"
	"time"
)

func healthz(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") }

// readiness is /readyz as JSON.
type readiness struct {
	Ready    bool        `json:"ready"`
	Reasons  []string    `json:"reasons"`
	Warnings []string    `json:"warnings"`
	Sides    []sideState `json:"sides"`
}

type sideState struct {
	Cluster     string    `json:"cluster,omitempty"` // only of an edge
	Name        string    `json:"name"`
	Up          bool      `json:"up"`
	Subscribed  bool      `json:"subscribed"`
	URL         string    `json:"url,omitempty"`
	Since       time.Time `json:"since,omitzero"`
	LastError   string    `json:"last_error,omitempty"`
	LastErrorAt time.Time `json:"last_error_at,omitzero"`
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ready, reasons, warnings := s.ready()
	status := http.StatusServiceUnavailable
	if ready {
		status = http.StatusOK
	}
	switch {
	case r.URL.Query().Has("verbose") || strings.Contains(r.Header.Get("Accept"), "application/json"):
		writeJSON(w, status, readiness{Ready: ready, Reasons: reasons, Warnings: warnings, Sides: s.sideStates()})
		return
	case ready:
		reasons = []string{"ok"}
	}
	lines := append(reasons, redactAll("warning: ", warnings)...)
	writeText(w, status, strings.Join(lines, "\n")+"\n")
}

// ready reports whether all views are ready. What it says about an edge names the cluster.
func (s *Server) ready() (ready bool, reasons, warnings []string) {
	ready, reasons, warnings = true, []string{}, []string{}
	for _, v := range s.views {
		prefix := ""
		if info := v.Info(); info.Edge {
			prefix = "cluster " + info.Cluster + ": "
		}
		ok, found := v.Ready()
		ready = ready && ok
		reasons = append(reasons, redactAll(prefix, found)...)
		warnings = append(warnings, redactAll(prefix, v.Warnings())...)
	}
	return ready, reasons, warnings
}

func (s *Server) sideStates() []sideState {
	states := []sideState{}
	for _, v := range s.views {
		states = append(states, sideStatesOf(v)...)
	}
	return states
}

func sideStatesOf(v View) (states []sideState) {
	info := v.Info()
	cluster := ""
	if info.Edge {
		cluster = info.Cluster
	}
	for _, side := range v.Sides() {
		states = append(states, sideState{
			Cluster:     cluster,
			Name:        side.Name,
			Up:          side.Up,
			Subscribed:  side.Subscribed,
			URL:         redact(side.URL),
			Since:       side.Since.UTC(),
			LastError:   redact(side.LastError),
			LastErrorAt: side.LastErrorAt.UTC(),
		})
	}
	return states
}
