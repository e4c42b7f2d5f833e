package telemetry

import (
	"encoding/json"
	"net/http"

	"github.com/fedrelay/fedrelay/internal/state"
)

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
	_, _ = w.Write(body) // fails if the client is gone, or if this answers HEAD
}

// redact makes foreign text fit to show.
func redact(text string) string { return state.Redact(text) }

// redactAll returns texts fit to show, with prefix in front of each. The result is never nil, which
// would be null in JSON.
func redactAll(prefix string, texts []string) []string {
	shown := []string{}
	for _, text := range texts {
		shown = append(shown, prefix+redact(text))
	}
	return shown
}
