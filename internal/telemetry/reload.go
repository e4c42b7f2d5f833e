package telemetry

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// A Reload is what one attempt to read the configuration again has led to.
type Reload struct {
	// Changes say what has changed, without secrets.
	Changes []string `json:"changes"`
	// Refused says why nothing has changed. It is empty if the configuration was taken.
	Refused []string `json:"refused"`
	// Ending says that the process is about to end, and takes no configuration any more.
	Ending bool `json:"-"`
}

// Reloads say how reloads went so far.
type Reloads struct {
	Changed, Unchanged, Refused int64
	LastRefused                 bool      // the latest one was
	InForceSince                time.Time // the start, or the latest reload that was not refused
}

// crossOrigin rejects what a page of another origin has a browser send.
var crossOrigin = http.NewCrossOriginProtection()

// reload has the configuration read again. Whoever is on this machine may ask for that, but no page
// in a browser.
func (s *Server) reload(w http.ResponseWriter, r *http.Request) {
	if !fromHere(r.RemoteAddr) {
		s.rejected.count(otherMachine)
		writeText(w, http.StatusForbidden, "only this machine may ask for a reload\n")
		return
	}
	if err := crossOrigin.Check(r); err != nil {
		s.rejected.count(otherOrigin)
		writeText(w, http.StatusForbidden, err.Error()+"\n")
		return
	}
	outcome := s.options.Reload()
	status := http.StatusOK
	switch {
	case outcome.Ending:
		status = http.StatusConflict
	case len(outcome.Refused) > 0:
		status = http.StatusBadRequest
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		outcome.Changes = append([]string{}, outcome.Changes...) // an empty list, not null
		outcome.Refused = append([]string{}, outcome.Refused...)
		writeJSON(w, status, outcome)
		return
	}
	writeText(w, status, outcome.text())
}

// fromHere reports whether a request comes from this machine.
func fromHere(remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

func (r Reload) text() string {
	switch {
	case len(r.Refused) > 0:
		return "nothing has changed, because:\n" + strings.Join(r.Refused, "\n") + "\n"
	case len(r.Changes) == 0:
		return "there was nothing to change\n"
	}
	return strings.Join(r.Changes, "\n") + "\n"
}

func reloadsTotal(p *page, s *scrape) {
	p.series(s.reloads.Changed, "result", "changed")
	p.series(s.reloads.Unchanged, "result", "unchanged")
	p.series(s.reloads.Refused, "result", "refused")
}
