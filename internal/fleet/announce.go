package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// rosterSubject is where nodes of one process tell clients of another who they are. It is no part
// of Choria's protocol.
const rosterSubject = "_LOADGEN.nodes"

// Description is all that a client must know of nodes that run elsewhere.
type Description struct {
	Site       string    `json:"site"` // see Names
	Nodes      int       `json:"nodes"`
	Version    Version   `json:"version"`
	Collective string    `json:"collective"`
	ReplyBytes int       `json:"reply_bytes"`
	Behaviour  Behaviour `json:"behaviour"`
}

// Roster returns the nodes that are described.
func (d Description) Roster() (*Roster, error) { return NewRoster(Names(d.Site, d.Nodes)) }

// Announce answers clients that ask who the nodes are, until stop is called. It makes a connection
// of its own.
func Announce(url string, d Description, extra ...nats.Option) (stop func(), err error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	nc, err := nats.Connect(url, append([]nats.Option{nats.Name("loadgen roster"), nats.MaxReconnects(-1)}, extra...)...)
	if err != nil {
		return nil, err
	}
	_, err = nc.Subscribe(rosterSubject, func(m *nats.Msg) { _ = m.Respond(text) })
	if err == nil {
		err = nc.Flush()
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return nc.Close, nil
}

// Describe asks the nodes on the server at url who they are. It waits at most 5 seconds.
func Describe(url string, extra ...nats.Option) (Description, error) {
	var d Description
	nc, err := nats.Connect(url, append([]nats.Option{nats.Name("loadgen client")}, extra...)...)
	if err != nil {
		return d, err
	}
	defer nc.Close()
	m, err := nc.Request(rosterSubject, nil, 5*time.Second)
	if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrTimeout) {
		return d, errors.New("no nodes announce themselves there: start them with 'loadgen nodes'")
	}
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(m.Data, &d); err != nil {
		return d, fmt.Errorf("nodes describe themselves in a way not understood: %w", err)
	}
	return d, d.Behaviour.Check()
}
