package child

import (
	"cmp"
	"net"
	"strings"
)

// Places are what the command line of a relay needs to know.
type Places struct {
	Fed, Col string // host:port of the two servers
	Line     string // of an edge: host:port of the server on which the relays are
	HTTP     string // host:port on which the relay may serve HTTP
	Cluster  string

	Scheme        string // of both servers' URLs: nats, or tls. Empty: nats
	CA, Cert, Key string // PEM files for TLS; empty without
}

// Fill puts them where the text says {fed}, {col}, {line}, {http}, {cluster}, {scheme}, {ca},
// {cert} and {key}.
func (p Places) Fill(text string) string {
	return strings.NewReplacer(
		"{fed}", p.Fed, "{col}", p.Col, "{line}", p.Line, "{http}", p.HTTP, "{cluster}", p.Cluster,
		"{scheme}", cmp.Or(p.Scheme, "nats"), "{ca}", p.CA, "{cert}", p.Cert, "{key}", p.Key,
	).Replace(text)
}

// FreeAddress returns an address on which nobody listens at the moment. Nothing keeps it free.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
