package trial

import (
	"context"
	"net"
	"strings"

	"github.com/fedrelay/fedrelay/benchmarks/message"
)

// A Contestant is a relay to be measured, or none: then the client publishes to the nodes itself.
type Contestant struct {
	Name    string
	Command []string // {fed} {col} {http} are replaced by host:port, {cluster} by its name; empty for no relay
}

// Direct tells whether the contestant is no relay.
func (c Contestant) Direct() bool { return len(c.Command) == 0 }

func (c Contestant) start(ctx context.Context, at Addresses) (*Process, error) {
	http, err := freeAddress()
	if err != nil {
		return nil, err
	}
	r := strings.NewReplacer("{fed}", at.Fed, "{col}", at.Col, "{http}", http, "{cluster}", message.Cluster)
	var command []string
	for _, word := range c.Command {
		command = append(command, r.Replace(word))
	}
	p, err := start(ctx, command)
	if err == nil {
		go p.await()
	}
	return p, err
}

// freeAddress is free now; nothing keeps it so.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
