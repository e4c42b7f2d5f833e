package link

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
)

func TestMistakesAreAllNamedAtOnce(t *testing.T) {
	s := config.Side{
		Servers:  []string{"nats://relay:hunter2@c1.fed:port", "http://c2.fed", "c1:1,c2:2", ":4222", "ok:1", "ws://mixed", "nats://u:hunter2@c3"},
		Creds:    "a",
		Token:    "hunter2",
		Password: "hunter2",
		Choria:   config.ChoriaToken{Token: "x"},
		TLS:      config.TLS{Cert: "c"},
	}
	_, err := NewEndpoint(Federation, s)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"federation.servers[0]: the port must be a number",
		"federation.servers[1]: the scheme must be nats, tls, ws or wss",
		"federation.servers[2]: ",
		"federation.servers[3]: want one host:port per entry",
		"ws and nats servers cannot be mixed",
		"carries a login and federation.creds is set: keep one",
		"federation.creds, federation.user, federation.token, federation.choria are all set: keep one",
		"federation.password is set without federation.user",
		"federation.choria needs both token and seed",
		"federation.tls needs both cert and key, or neither",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%s", want, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a password is in:\n%s", err)
	}
	if _, err := NewEndpoint(Federation, config.Side{SRV: config.SRV{Disabled: true}}); err == nil {
		t.Error("a federation without servers and without DNS is accepted")
	}
	if _, err := NewEndpoint(Collective, config.Side{SRV: config.SRV{Disabled: true}}); err != nil {
		t.Error(err)
	}
}

func TestServerNotation(t *testing.T) {
	for text, want := range map[string]string{
		"c1.fed:4222":              "nats://c1.fed:4222",
		" c1.fed ":                 "nats://c1.fed:4222",
		"c1.fed.:4222":             "nats://c1.fed:4222",
		"tls://c1.fed:443":         "tls://c1.fed:443",
		"[::1]:4222":               "nats://[::1]:4222",
		"wss://c1.fed/nats":        "wss://c1.fed:443",
		"nats://user:pw@c1.fed:12": "nats://c1.fed:12",
		"nats://token@c1.fed":      "nats://c1.fed:4222",
	} {
		s, err := parseServer(text)
		if err != nil || s.String() != want {
			t.Errorf("%q: %s, %v", text, s.url, err)
		}
	}
	if got := natstest.Must(parseServer("wss://c1.fed/nats")).natsURL(); got != "ws://c1.fed:443/nats" {
		t.Errorf("wss is %s to nats.go", got)
	}
}

func TestLabels(t *testing.T) {
	for name, want := range map[string]string{"": "collective", "collective": "collective", "london": "collective london"} {
		e := endpoint(t, Collective, config.Side{Name: name})
		if e.Label() != want || e.Side() != Collective {
			t.Errorf("%q: %q", name, e.Label())
		}
	}
}

func TestErrorsInAnOperatorsWords(t *testing.T) {
	timeout := &net.OpError{Op: "read", Net: "tcp", Source: &net.TCPAddr{Port: 54321}, Err: errTimeout{}}
	for want, err := range map[string]error{
		"timeout":                                          timeout,
		"login: timeout":                                   &socket.StepError{Step: "login", Err: timeout},
		"authorization violation":                          &socket.StepError{Step: "login", Err: nats.ErrAuthorization},
		"user authentication expired":                      &socket.ServerError{Text: "User Authentication Expired"},
		"the server closed the connection":                 fmt.Errorf("x: %w", io.EOF),
		"dns: no such name c1.fed":                         &net.DNSError{Name: "c1.fed", IsNotFound: true},
		"dns: timeout for c1.fed":                          &net.DNSError{Name: "c1.fed", Err: "read udp 127.0.0.1:5432", IsTimeout: true},
		"stale connection":                                 nats.ErrStaleConnection,
		"tls: handshake: the server closed the connection": &socket.TLSError{Err: io.EOF},
		"tls: certificate relies on legacy Common Name field, use SANs instead": x509.HostnameError{
			Certificate: &x509.Certificate{Subject: pkix.Name{CommonName: "c1.fed"}}, Host: "c1.fed"},
		"a?b?c": errors.New("a\x1bb\nc"),
	} {
		if got := explain(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := explain(errors.New(strings.Repeat("ä", 5000))); len(got) > 310 {
		t.Errorf("%d bytes", len(got))
	}
}

type errTimeout struct{}

func (errTimeout) Error() string   { return "i/o timeout" }
func (errTimeout) Timeout() bool   { return true }
func (errTimeout) Temporary() bool { return true }

func TestOutagesAreLoggedWhenTheyChangeAndNowAndThen(t *testing.T) {
	var o outage
	t0 := time.Now()
	for _, step := range []struct {
		after time.Duration
		key   string
		want  bool
	}{
		{0, "a", true}, {time.Second, "a", false}, {2 * time.Second, "b", true}, {3 * time.Second, "b", false},
		{31 * time.Second, "b", false}, {32 * time.Second, "b", true}, {40 * time.Second, "b", false},
	} {
		if got := o.note(step.key, t0.Add(step.after)); got != step.want {
			t.Errorf("after %s, %s: %t", step.after, step.key, got)
		}
	}
	if got := o.lasting(t0.Add(12500 * time.Millisecond)); got != " for 12s" {
		t.Errorf("lasting%q", got)
	}
}

func TestRoundsThatFailAlikeHaveOneKey(t *testing.T) {
	a := failure{"c1:4222", io.EOF}
	b := failure{"c2:4222", nats.ErrAuthorization}
	one, other := connectError{a, b}, connectError{b, a}
	if one.key() != other.key() {
		t.Errorf("%q, %q", one.key(), other.key())
	}
	want := "cannot connect to any of 2 servers for 12s (last: authorization violation, c2:4222; before: the server closed the connection, c1:4222)"
	if got := one.text(" for 12s"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
