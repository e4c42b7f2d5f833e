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
	Name        string    `json:"name"`
	Up          bool      `json:"up"`
	Subscribed  bool      `json:"subscribed"`
	URL         string    `json:"url,omitempty"`
	Since       time.Time `json:"since,omitzero"`
	LastError   string    `json:"last_error,omitempty"`
	LastErrorAt time.Time `json:"last_error_at,omitzero"`
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ready, found := s.view.Ready()
	reasons, warnings := redactAll("", found), redactAll("", s.view.Warnings())
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

func (s *Server) sideStates() []sideState {
	states := []sideState{}
	for _, side := range s.view.Sides() {
		states = append(states, sideState{
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
