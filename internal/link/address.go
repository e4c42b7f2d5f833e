package link

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// defaultPorts are the ports by scheme. Only the schemes in it are allowed.
var defaultPorts = map[string]string{"nats": "4222", "tls": "4222", "ws": "80", "wss": "443"}

// A server is one entry of a server list.
type server struct {
	url *url.URL // with a scheme and a port, and with user info if the list has it
}

// parseServer reads host:port or scheme://host:port. Its errors never repeat the text, because
// there may be a password in it.
func parseServer(text string) (server, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "://") {
		text = "nats://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return server{}, plainURLError(err)
	}
	port, known := defaultPorts[u.Scheme]
	if !known {
		return server{}, errors.New("the scheme must be nats, tls, ws or wss")
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	if host == "" || strings.ContainsAny(host, ", ") {
		return server{}, errors.New("want one host:port per entry")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	u.Host = net.JoinHostPort(host, port)
	return server{url: u}, nil
}

// plainURLError returns what an error of url.Parse means, without the text that was parsed.
func plainURLError(err error) error {
	if _, port, ok := strings.Cut(err.Error(), "invalid port"); ok && port != "" {
		return errors.New("the port must be a number")
	}
	return errors.New("not a URL")
}

// address is host:port.
func (s server) address() string { return s.url.Host }

// String is the URL without user info.
func (s server) String() string { return s.url.Scheme + "://" + s.url.Host }

// same reports whether s and o are dialled at the same address.
func (s server) same(o server) bool { return strings.EqualFold(s.address(), o.address()) }

func (s server) websocket() bool { return socket.IsWebSocket(s.url) }

// natsURL is the URL for nats.go. It has ws instead of wss, because TLS is done below nats.go.
func (s server) natsURL() string {
	if s.url.Scheme != "wss" {
		return s.url.String()
	}
	u := *s.url
	u.Scheme = "ws"
	return u.String()
}
