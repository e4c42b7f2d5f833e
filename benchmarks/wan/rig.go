package wan

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/child"
	"github.com/fedrelay/fedrelay/internal/cost"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/line"
)

// A rig is one contestant with all that belongs to it, from the client to the nodes.
type rig struct {
	Contestant
	setup *Setup

	line            *line.Line
	near, far, home served // servers of the clients, of the relay, and of the nodes
	parts           []part
	client          asker
	nodes           *crowd
	relayFed        string // where the relay finds the federation, host:port
	edgeLine        string // where the edge finds it
	clientLine      string // where the client finds it that speaks over the line itself
}

// A part is a process of a rig.
type part struct {
	name    string
	process *child.Process
	meter   *cost.Watcher
}

// The names of parts.
const (
	nearServer = "near-server"
	farServer  = "far-server"
	homeServer = "nodes-server"
	theRelay   = "relay"
	theEdge    = "edge"
)

// newRig returns when a request and a reply have passed. The caller must close the rig.
func newRig(ctx context.Context, c Contestant, setup *Setup) (*rig, error) {
	r := &rig{Contestant: c, setup: setup}
	if err := r.start(ctx); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *rig) start(ctx context.Context) (err error) {
	if err = r.startServers(ctx); err != nil {
		return err
	}
	if r.nodes, err = newCrowd(ctx, r.home.Client); err != nil {
		return err
	}
	if err = r.startClient(ctx); err != nil {
		return err
	}
	if err = r.startRelays(); err != nil {
		return err
	}
	if err = r.awaitWay(ctx); err != nil {
		return err
	}
	return r.checkCompression(ctx)
}

// startServers starts the servers and the line between them or the relay. A line is straight until
// everybody has connected.
func (r *rig) startServers(ctx context.Context) (err error) {
	if r.home, err = r.startServer(ctx, homeServer, embedded.Leaf{}); err != nil {
		return err
	}
	if r.relayDials() {
		if r.near, err = r.startServer(ctx, nearServer, embedded.Leaf{}); err != nil {
			return err
		}
		return r.draw(r.near.Client, &r.relayFed)
	}
	leaf := embedded.Leaf{Listen: r.compression != "", Compression: r.compression}
	if r.far, err = r.startServer(ctx, farServer, leaf); err != nil {
		return err
	}
	r.relayFed, leaf.Listen = r.far.Client, false
	to, from := r.far.Client, &r.edgeLine
	switch {
	case r.compression != "":
		to, from = r.far.Leaf, &leaf.Hub
	case r.library:
		return r.draw(to, &r.clientLine)
	}
	if err = r.draw(to, from); err != nil {
		return err
	}
	r.near, err = r.startServer(ctx, nearServer, leaf)
	return err
}

// draw makes the line to an address, and sets where it begins.
func (r *rig) draw(to string, from *string) (err error) {
	if r.line, err = line.Listen(to, line.Shape{}); err == nil {
		*from = r.line.Address()
	}
	return err
}

func (r *rig) startClient(ctx context.Context) error {
	if r.library {
		made, err := newLibrary(r.clientLine)
		if err == nil {
			r.client = made
		}
		return err
	}
	made, err := newClient(ctx, r.near.Client)
	if err == nil {
		r.client = made
	}
	return err
}

func (r *rig) startRelays() error {
	err := r.startRelay(theRelay, "run", "--federation", "nats://"+r.relayFed, "--collective", "nats://"+r.home.Client)
	if err != nil || !r.edge {
		return err
	}
	return r.startRelay(theEdge, "edge", "--federation", "nats://"+r.near.Client, "--line", "nats://"+r.edgeLine)
}

func (r *rig) startRelay(name string, words ...string) error {
	command := slices.Concat([]string{r.setup.Relay}, words, []string{"--cluster", message.Cluster, "--http", "off", "--log-level", "error"})
	p, err := child.Start(command, nil)
	if err != nil {
		return err
	}
	return r.watch(name, p)
}

// watch makes a process part of the rig.
func (r *rig) watch(name string, p *child.Process) error {
	r.parts = append(r.parts, part{name: name, process: p})
	meter, err := cost.Watch(p.PID(), time.Hour) // only when we ask
	if err != nil {
		return err
	}
	r.parts[len(r.parts)-1].meter = meter
	return nil
}

func (r *rig) close() {
	if r.client != nil {
		r.client.close()
	}
	if r.nodes != nil {
		r.nodes.close()
	}
	for _, p := range slices.Backward(r.parts) {
		if p.meter != nil {
			p.meter.Stop()
		}
		p.process.Kill() // whatever was carried has been counted
	}
	if r.line != nil {
		r.line.Close()
	}
}

// dead says which process has ended.
func (r *rig) dead() error {
	for _, p := range r.parts {
		if how, ended := p.process.Ended(); ended {
			return fmt.Errorf("the %s ended: %w", p.name, how)
		}
	}
	return nil
}

// checkCompression asks the near server whether the connection to the hub is compressed as it
// should be.
func (r *rig) checkCompression(ctx context.Context) error {
	if r.compression == "" {
		return nil
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, r.near.Monitoring+"/leafz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var z struct {
		Leafs []struct{ Compression string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&z); err != nil {
		return err
	}
	if len(z.Leafs) != 1 || z.Leafs[0].Compression != r.compression {
		return fmt.Errorf("leaf nodes: want one with %s, have %+v", r.compression, z.Leafs)
	}
	return nil
}
