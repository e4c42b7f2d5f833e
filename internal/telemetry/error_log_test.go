package telemetry

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// Whoever reaches the port may connect and go away, as the checks of load balancers do. net/http
// says so for each of them.
func TestFailedHandshakesAreCountedAndHardlyLogged(t *testing.T) {
	cert, key := issue(t, t.TempDir(), time.Now().Add(48*time.Hour))
	var text bytes.Buffer
	s := serveRemote(t, Remote{Address: "127.0.0.1:0", Cert: cert, Key: key, Login: login}, Options{Log: slog.New(slog.NewTextHandler(&text, nil))}, nil)
	for range 10 {
		s.http.ErrorLog.Printf("http: TLS handshake error from 192.0.2.1:4711: EOF")
	}
	s.http.ErrorLog.Printf("http: something else")
	if n := strings.Count(text.String(), "TLS handshake error"); n != 1 || s.rejected.read()[noHandshake] != 10 {
		t.Errorf("%d lines, %d counted:\n%s", n, s.rejected.read()[noHandshake], text.String())
	}
	if !strings.Contains(text.String(), "something else") {
		t.Error("the rest is not logged")
	}
}
