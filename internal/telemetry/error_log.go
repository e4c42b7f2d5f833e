package telemetry

import (
	"bytes"
	"sync"
	"time"
)

// handshakeLines is how often a TLS handshake that has failed makes a line in the log, at most.
const handshakeLines = time.Minute

// An errorLog gets what net/http says of connections. Port scanners and the checks of load
// balancers end their connections before TLS is set up, so these are counted, and few are logged.
type errorLog struct {
	server *Server

	mu   sync.Mutex
	next time.Time // when a handshake may be logged again
}

// Write implements io.Writer.
func (l *errorLog) Write(line []byte) (int, error) {
	text := string(bytes.TrimSpace(line))
	if bytes.HasPrefix(line, []byte("http: TLS handshake error")) {
		l.server.rejected.count(noHandshake)
		if !l.due(time.Now()) {
			return len(line), nil
		}
		text += " (further ones are only counted, for a minute)"
	}
	l.server.options.Log.Warn(redact(text))
	return len(line), nil
}

// due reports whether a handshake may be logged now.
func (l *errorLog) due(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.next) {
		return false
	}
	l.next = now.Add(handshakeLines)
	return true
}
