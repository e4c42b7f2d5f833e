package wan

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"

	"github.com/fedrelay/fedrelay/benchmarks/bare"
	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/wire"
)

// speakers is how many connections the nodes share to answer.
const speakers = 4

// A crowd is all nodes. One subscription hears what any of them is asked.
type crowd struct {
	ears   *bare.Conn
	mouths []*bare.Conn
	copies arrivals // by subject

	data   atomic.Pointer[[]byte] // of the request that is expected
	echoes chan echoed            // what the first copy asks nodes to repeat; it holds one
}

func newCrowd(ctx context.Context, at string) (*crowd, error) {
	c := &crowd{echoes: make(chan echoed, 1)}
	var err error
	if c.ears, err = bare.Dial(ctx, bare.Server{Address: at}, "nodes"); err != nil {
		return nil, err
	}
	go func() { _ = c.ears.Read(c.hear, func() error { return nil }) }()
	for range speakers {
		conn, err := bare.Dial(ctx, bare.Server{Address: at}, "nodes")
		if err != nil {
			return c, err
		}
		c.mouths = append(c.mouths, conn)
		go func() { _ = conn.Read(func(bare.Msg) {}, func() error { return nil }) }()
	}
	subs := bare.AppendSub(nil, "mcollective.node.>", "", 1)
	subs = bare.AppendSub(subs, "choria.node.>", "", 2)
	if err := c.ears.Write(subs); err != nil {
		return c, err
	}
	return c, c.ears.Flush(ctx)
}

func (c *crowd) close() {
	if c.ears != nil {
		c.ears.Close()
	}
	for _, conn := range c.mouths {
		conn.Close()
	}
}

func (c *crowd) hear(m bare.Msg) {
	if bytes.Contains(m.Subject, ownProbes) {
		return
	}
	if data := c.data.Load(); data == nil || !bytes.Contains(m.Payload, *data) {
		c.copies.fail("a copy with other data")
		return
	}
	if len(c.echoes) == 0 { // the same in all copies of a request
		c.echoes <- echoOf(m.Payload)
	}
	c.copies.arrived(m.Subject)
}

// ownProbes is in the subjects that relays publish to of their own accord.
var ownProbes = []byte(".node.fedrelay:")

// expect makes the nodes wait for the copies of a request.
func (c *crowd) expect(q *request) {
	select {
	case <-c.echoes:
	default:
	}
	c.data.Store(&q.data)
	c.copies.expect(q.targets)
}

// frames are what the nodes write to answer, for each connection: replies that repeat the echo.
func (c *crowd) frames(replies []reply, e echoed) [][]byte {
	frames := make([][]byte, len(c.mouths))
	for i := range replies {
		f := &frames[i%len(frames)]
		*f = wire.AppendPub(*f, []byte(message.Returned), replies[i].with(e))
	}
	return frames
}

// write writes frames at once.
func (c *crowd) write(frames [][]byte) error {
	sent := make(chan error, len(frames))
	n := 0
	for i, f := range frames {
		if len(f) > 0 {
			n++
			go func() { sent <- c.mouths[i].Write(f) }()
		}
	}
	var err error
	for range n {
		err = errors.Join(err, <-sent)
	}
	return err
}
