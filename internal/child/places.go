package child

import (
	"net"
	"strings"
)

// Places are what the command line of a relay needs to know.
type Places struct {
	Fed, Col string // host:port of the two servers
	HTTP     string // host:port on which the relay may serve HTTP
	Cluster  string
}

// Fill puts them where the text says {fed}, {col}, {http} and {cluster}.
func (p Places) Fill(text string) string {
	return strings.NewReplacer("{fed}", p.Fed, "{col}", p.Col, "{http}", p.HTTP, "{cluster}", p.Cluster).Replace(text)
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
