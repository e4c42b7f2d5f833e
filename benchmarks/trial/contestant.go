package trial

import (
	"fmt"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/child"
)

// A Contestant is a relay to be measured, or none: then the client publishes to the nodes itself.
type Contestant struct {
	Name string
	// Command starts it, after child.Places have been filled in. Empty for no relay.
	Command []string
}

// Direct reports whether the contestant is no relay.
func (c Contestant) Direct() bool { return len(c.Command) == 0 }

func (c Contestant) start(servers Addresses) (*child.Process, error) {
	http, err := child.FreeAddress()
	if err != nil {
		return nil, err
	}
	places := child.Places{Fed: servers.Fed, Col: servers.Col, HTTP: http, Cluster: message.Cluster}
	var command []string
	for _, word := range c.Command {
		command = append(command, places.Fill(word))
	}
	p, err := child.Start(command, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", c.Name, err)
	}
	return p, nil
}
