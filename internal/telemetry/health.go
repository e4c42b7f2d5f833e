package telemetry

import (
	"encoding/json"
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

// redactAll returns texts fit to show, with prefix in front of each; never nil, which would be null in JSON.
func redactAll(prefix string, texts []string) []string {
	shown := []string{}
	for _, text := range texts {
		shown = append(shown, prefix+redact(text))
	}
	return shown
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

func (s *Server) stats(w http.ResponseWriter, _ *http.Request) {
	if s.options.StatsRequests != nil {
		s.options.StatsRequests.Add(1)
	}
	writeJSON(w, http.StatusOK, s.view.Stats())
}

func writeText(w http.ResponseWriter, status int, text string) {
	write(w, status, "text/plain; charset=utf-8", []byte(text))
}

func writeJSON(w http.ResponseWriter, status int, document any) {
	body, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		writeText(w, http.StatusInternalServerError, "cannot write the document as JSON: "+err.Error()+"\n")
		return
	}
	write(w, status, "application/json", append(body, '\n'))
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone, or this is the answer to HEAD
}
