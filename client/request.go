package client

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/wire"
)

// A Version is that of the protocol that a request is made in. Nodes answer in the same one.
type Version int

// The versions.
const (
	V1 Version = 1
	V2 Version = 2
)

// A Request is what nodes are asked. ID, Secure and one of Nodes, Agent and Service are required.
type Request struct {
	// ID is the request id of the signed request. Requests that wait for replies at the same time
	// need different ones.
	ID string
	// Secure is the secure request document: JSON, signed, not in base64. It is sent as it is.
	Secure []byte
	// Version of the protocol. Default: what the protocol in Secure says.
	Version Version

	// Nodes are the names of the nodes to ask, such as "web1.example.net". A name that cannot be
	// asked costs itself only (Result.Skipped).
	Nodes []string
	// Agent asks all nodes that have this agent, by a broadcast.
	Agent string
	// Service asks one node of those that serve this agent, in each cluster.
	Service string

	// Wait is how long nodes have for their answer. Default 10 s.
	Wait time.Duration
	// Late is how much longer the call lasts for nodes that missed that. Default 0.
	Late time.Duration
	// Expect ends the call when so many nodes have answered. Default: all of Nodes, and no end
	// before the time is over for Agent and Service.
	Expect int
	// Extra makes Replies yield also what is not the first reply of a node that was asked. See
	// Reply.Status.
	Extra bool
}

// Skipped is a name in Request.Nodes that was not asked.
type Skipped struct {
	Name   string
	Reason string // as in a relay's metrics: bad_subject, empty_token, duplicate_target, ...
}

// A plan is a request, judged.
type plan struct {
	request *Request
	parts   wire.Parts
	nodes   []string       // in the order of parts.Targets; nil for a broadcast
	index   map[string]int // of nodes, by name
	skipped []Skipped
	subject string // that replies come to
}

func (c *Client) plan(r *Request) (*plan, error) {
	version, err := r.version()
	if err != nil {
		return nil, err
	}
	collective := c.opts.Collective
	if collective == "" {
		collective = map[wire.Version]string{wire.V1: "mcollective", wire.V2: "choria"}[version]
	}
	p := &plan{request: r, subject: collective + ".reply." + c.hash + "." + r.ID}
	if !c.opts.SingleReplies {
		p.subject += mark
	}
	if err := r.check(p.subject); err != nil {
		return nil, err
	}
	p.parts = wire.Parts{
		Version: version, Data: quoted(r.Secure), Reply: []byte(p.subject), Sender: []byte(c.opts.Identity),
		Trace: c.hop(), FedRequest: []byte(r.ID),
	}
	return p, p.aim(collective)
}

// mark is the end of a reply subject at which compact messages may arrive (wire/address.go).
const mark = ".="

// version returns that of r, or what its document says.
func (r *Request) version() (wire.Version, error) {
	if r.Version != 0 {
		if r.Version != V1 && r.Version != V2 {
			return 0, fmt.Errorf("client: Request.Version %d: want V1 or V2", r.Version)
		}
		return wire.Version(r.Version), nil
	}
	var document struct{ Protocol string }
	_ = json.Unmarshal(r.Secure, &document) // what is no JSON has no protocol
	switch document.Protocol {
	case "choria:secure:request:1":
		return wire.V1, nil
	case "io.choria.protocol.v2.secure_request":
		return wire.V2, nil
	}
	return 0, fmt.Errorf("client: Request.Secure has the protocol %.60q: want a secure request, or set Request.Version", document.Protocol)
}

// check returns all that is wrong with r but its names.
func (r *Request) check(subject string) error {
	var wrong []error
	add := func(ok bool, format string, arguments ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf("client: Request."+format, arguments...))
		}
	}
	kinds := 0
	for _, given := range []bool{len(r.Nodes) > 0, r.Agent != "", r.Service != ""} {
		if given {
			kinds++
		}
	}
	add(kinds == 1, "Nodes, Agent and Service: want one of them, not %d", kinds)
	add(r.ID != "", "ID is empty: set the id of the signed request")
	reason := rules.Reply([]byte(subject))
	add(r.ID == "" || reason == wire.OK, "ID %.60q makes a reply subject that relays reject: %s", r.ID, reason)
	add(len(r.Secure) > 0, "Secure is empty: set the secure request document")
	add(r.Wait >= 0 && r.Late >= 0 && r.Expect >= 0, "Wait, Late and Expect must not be negative")
	return errors.Join(wrong...)
}

// aim makes the targets.
func (p *plan) aim(collective string) error {
	r := p.request
	if len(r.Nodes) == 0 {
		kind, agent := "service", r.Service
		if r.Agent != "" {
			kind, agent = "agent", r.Agent
		}
		if reason := p.add(collective+".broadcast."+kind+".", agent); reason != wire.OK {
			return fmt.Errorf("client: relays reject the subject of %s %.60q: %s", kind, agent, reason)
		}
		return nil
	}
	p.addNodes(collective+".node.", r.Nodes)
	if len(p.nodes) == 0 {
		first := p.skipped[0]
		return fmt.Errorf("client: none of %d names can be asked; the first is %.60q: %s", len(p.skipped), first.Name, first.Reason)
	}
	return nil
}

// addNodes adds the nodes that can be asked, and notes the others.
func (p *plan) addNodes(prefix string, names []string) {
	p.index = make(map[string]int, len(names))
	p.nodes = make([]string, 0, len(names))
	for _, name := range names {
		reason := wire.DuplicateTarget
		if _, known := p.index[name]; !known {
			reason = p.add(prefix, name)
		}
		if reason != wire.OK {
			p.skipped = append(p.skipped, Skipped{Name: name, Reason: reason.String()})
			continue
		}
		p.index[name] = len(p.nodes)
		p.nodes = append(p.nodes, name)
	}
}

// add adds a target, if it is one.
func (p *plan) add(prefix, name string) wire.Reason {
	text, from := p.parts.Text, len(p.parts.Text)
	text = append(append(text, prefix...), name...)
	if reason := rules.Target(text[from:]); reason != wire.OK {
		return reason
	}
	p.parts.Text = text
	p.parts.Targets = append(p.parts.Targets, wire.Span{Off: uint32(from), Len: uint32(len(text) - from)})
	return wire.OK
}

// hop is the entry that a client adds to the trace, as a list.
func (c *Client) hop() []byte {
	server := c.nc.ConnectedUrlRedacted()
	b := append([]byte{'['}, wire.AppendHop(nil, server, c.opts.Identity, server)...)
	return append(b, ']')
}

// quoted is data as it stands in a message.
func quoted(data []byte) []byte {
	b := make([]byte, 0, base64.StdEncoding.EncodedLen(len(data))+2)
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, data)
	return append(b, '"')
}
