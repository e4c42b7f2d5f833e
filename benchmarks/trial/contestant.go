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
	// Aside contestants usually take no part where few do.
	Aside bool
}

// Direct reports whether the contestant is no relay.
func (c Contestant) Direct() bool { return len(c.Command) == 0 }

// start starts it where the places say.
func (c Contestant) start(places child.Places) (*child.Process, error) {
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

// startRelay starts the contestant between the servers.
func (b *testbed) startRelay(c Contestant) (err error) {
	places := child.Places{Fed: b.addresses.RelayFed, Col: b.addresses.RelayCol, Cluster: message.Cluster}
	if places.HTTP, err = child.FreeAddress(); err != nil {
		return err
	}
	b.http = "http://" + places.HTTP
	if b.security != nil {
		places.Scheme, places.CA, places.Cert, places.Key = "tls", b.files.CA, b.files.Cert, b.files.Key
	}
	b.relay, err = c.start(places)
	return err
}
