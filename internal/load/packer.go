package load

import (
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// A Packer makes the messages of requests: one for each group of targets, or compact ones that
// stand for many groups. Not safe for concurrent use.
type Packer struct {
	// Set by NewPacker, then read-only.
	writer  *fleet.Writer
	group   int
	timeout time.Duration
	encoder *compact.Encoder // nil: JSON
	publish func(payload []byte, stands int) error

	buf, json []byte
	nodes     []int
	request   compact.Request
	none      []wire.Span
}

// NewPacker makes a packer of what o says about messages: Group, Compact and Timeout, which is how
// long a client waits. publish gets each message, and for how many groups it stands. It borrows
// the payload until it returns.
func NewPacker(w *fleet.Writer, o *Options, publish func(payload []byte, stands int) error) *Packer {
	p := &Packer{writer: w, group: o.Group, timeout: o.Timeout, publish: publish}
	if o.Compact {
		p.encoder = new(compact.Encoder)
	}
	return p
}

// Broadcast publishes the request to all nodes with its agent.
func (p *Packer) Broadcast(d *fleet.Draft) error {
	p.json = p.writer.AppendBroadcast(p.json[:0], d)
	if p.encoder == nil {
		return p.publish(p.json, 1)
	}
	if err := p.open(); err != nil {
		return err
	}
	return p.pack()
}

// Directed publishes the request to n nodes, numbered by node.
func (p *Packer) Directed(d *fleet.Draft, n int, node func(i int) int) error {
	atOnce := p.group
	if p.encoder != nil {
		p.json = p.writer.AppendDirected(p.json[:0], d, []int{node(0)})
		if err := p.open(); err != nil {
			return err
		}
		atOnce *= p.groups()
	}
	for from := 0; from < n; from += atOnce {
		p.nodes = p.nodes[:0]
		for i := from; i < min(from+atOnce, n); i++ {
			p.nodes = append(p.nodes, node(i))
		}
		if err := p.packNodes(d); err != nil {
			return err
		}
	}
	return nil
}

func (p *Packer) packNodes(d *fleet.Draft) error {
	if p.encoder == nil {
		p.buf = p.writer.AppendDirected(p.buf[:0], d, p.nodes)
		return p.publish(p.buf, 1)
	}
	parts := &p.request.Parts
	parts.Text, parts.Targets = parts.Text[:0], parts.Targets[:0]
	for _, node := range p.nodes {
		from := len(parts.Text)
		parts.Text = append(parts.Text, p.writer.Subject(node)...)
		parts.Targets = append(parts.Targets, wire.Span{Off: uint32(from), Len: uint32(len(parts.Text) - from)})
	}
	return p.pack()
}

// pack publishes the compact message for what is in request.
func (p *Packer) pack() error {
	r := &p.request
	r.Groups = r.Groups[:0]
	for end := p.group; end < len(r.Parts.Targets); end += p.group {
		r.Groups = append(r.Groups, end)
	}
	r.Groups = append(r.Groups, len(r.Parts.Targets))
	r.Deadline = time.Now().Add(p.timeout).UnixMilli()
	p.buf = p.encoder.AppendRequest(p.buf[:0], r)
	return p.publish(p.buf, len(r.Groups))
}

// open takes the message in json apart: all messages of its request have the same parts.
func (p *Packer) open() error {
	var env wire.Envelope
	targets, reason := wire.Scan(p.json, wire.Limits{Depth: 16, Hops: 16, Targets: 1}, &env, p.none[:0])
	if reason != wire.OK {
		return fmt.Errorf("load: BUG: a request that relays reject: %s", reason)
	}
	p.request.Parts = wire.Parts{
		Version: env.Version, Data: env.Data.Of(p.json), Reply: env.Reply.Of(p.json), Sender: env.Sender.Of(p.json),
		Trace: env.Trace.Of(p.json), FedRequest: env.FedRequest.Of(p.json),
		Text: append(p.request.Parts.Text[:0], targets[0].Of(p.json)...), Targets: append(p.request.Parts.Targets[:0], wire.Span{Len: targets[0].Len}),
	}
	return nil
}

// What a compact message expands to at most at a relay: half of what that allows by default.
const (
	expandedBytes   = 8 << 20
	expandedTargets = 100_000
)

// groups is how many groups one compact message may stand for.
func (p *Packer) groups() int {
	one := len(p.json) + p.group*(len(p.request.Parts.Text)+len(`"",`))
	return max(1, min(expandedBytes/one, expandedTargets/p.group))
}
