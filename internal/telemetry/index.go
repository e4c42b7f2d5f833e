package telemetry

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// index writes a page for people. It says which relay this is and whether it works, and if not,
// which side has failed since when.
func (s *Server) index(w http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	for _, v := range s.views {
		writeRelay(&b, v)
	}
	if n := s.options.LogDropped(); n > 0 {
		fmt.Fprintf(&b, "\nlog lines dropped: %d, as nobody reads stderr in time\n", n)
	}
	b.WriteString("\nendpoints:\n")
	if s.page != nil {
		b.WriteString("  /  (a page, in a browser)\n  /api/v1/state\n")
	}
	b.WriteString("  /metrics\n  /healthz\n  /readyz  (?verbose)\n  /stats\n")
	if s.options.Reload != nil {
		b.WriteString("  /-/reload  (POST, from this machine)\n")
	}
	if s.options.Pprof {
		b.WriteString("  /debug/pprof/\n")
	}
	writeText(w, http.StatusOK, b.String())
}

// writeRelay writes what there is to say of one relay, or of an edge for one cluster.
func writeRelay(b *strings.Builder, v View) {
	info := v.Info()
	if b.Len() > 0 {
		b.WriteString("\n\n")
	}
	fmt.Fprintf(b, "fedrelay %s  %s %s  identity %s\n\n", info.Version, info.role(), info.Cluster, info.Identity)
	ready, reasons := v.Ready()
	fmt.Fprintf(b, "ready: %s\n", yesNo(ready))
	for _, line := range append(redactAll("", reasons), redactAll("warning: ", v.Warnings())...) {
		fmt.Fprintf(b, "  %s\n", line)
	}
	for _, side := range v.Sides() {
		writeSide(b, side)
	}
	for _, path := range v.Paths() {
		writePath(b, path)
	}
}

// role introduces the name of the cluster.
func (i Info) role() string {
	if i.Edge {
		return "edge for cluster"
	}
	return "cluster"
}

func writeSide(b *strings.Builder, side Side) {
	fmt.Fprintf(b, "\n%s: %s, subscribed: %s\n", side.Name, upDown(side.Up), yesNo(side.Subscribed))
	fmt.Fprintf(b, "  server: %s, since %s\n", orNone(redact(side.URL)), timeText(side.Since))
	if side.LastError == "" {
		b.WriteString("  last error: none\n")
	} else {
		fmt.Fprintf(b, "  last error: %s at %s\n", redact(side.LastError), timeText(side.LastErrorAt))
	}
	writeConnections(b, side.Connections)
}

// writeConnections writes a line for each connection, or for several that are alike: those of many
// lanes would fill a page.
func writeConnections(b *strings.Builder, all []Connection) {
	for len(all) > 0 {
		c, n := all[0], 1
		for n < len(all) && alike(c, all[n]) {
			c.Since = later(c.Since, all[n].Since)
			c.Epoch = max(c.Epoch, all[n].Epoch)
			n++
		}
		role := c.Role
		if n > 1 {
			role = fmt.Sprintf("%s (%d connections)", c.Role, n)
		}
		fmt.Fprintf(b, "  %s: %s, %s, since %s, epoch %d\n", role, connectionState(c), orNone(redact(c.URL)), timeText(c.Since), c.Epoch)
		all = all[n:]
	}
}

// alike reports whether two connections are in the same state, for the same and to the same server.
func alike(a, b Connection) bool {
	return a.Role == b.Role && a.URL == b.URL && a.Up == b.Up && a.Suspected.IsZero() == b.Suspected.IsZero()
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func connectionState(c Connection) string {
	if c.Up && !c.Suspected.IsZero() {
		return "up, no answer since " + timeText(c.Suspected)
	}
	return upDown(c.Up)
}

// writePath writes the books of a path, and which copy was denied last.
func writePath(b *strings.Builder, path Path) {
	fmt.Fprintf(b, "\n%s path: %s\n", path.Name, path.Ledger.String())
	if path.LastDenied == "" {
		b.WriteString("  last denied: none\n")
		return
	}
	fmt.Fprintf(b, "  last denied: %s at %s\n", redact(path.LastDenied), timeText(path.LastDeniedAt))
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func upDown(b bool) string {
	if b {
		return "up"
	}
	return "down"
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}
