package pipeline_test

import (
	"context"
	"fmt"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// once brings one message.
type once struct {
	pool    *pool.Pool
	message string
}

func (s once) Run(_ context.Context, line pipeline.Line) {
	b := pipeline.NewBatch()
	b.Buffer = s.pool.Get(len(s.message))
	b.Add("", []byte(s.message))
	line.Take(b)
}

// everywhere sends the data of a message to all targets that it names.
type everywhere struct{}

func (everywhere) Route(r *pipeline.Route) wire.Reason {
	r.Subjects = append(r.Subjects, r.Targets...)
	return wire.OK
}

func (everywhere) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	return append(dst, r.Envelope.Data.Of(r.Message)...), wire.OK
}

// printer publishes on paper, where nothing gets lost.
type printer struct{ ledger *pipeline.Ledger }

func (p printer) Publish(e *pipeline.Egress) {
	for _, m := range e.Messages {
		for i := range m.Copies() {
			fmt.Printf("%s <- %s\n", e.Subject(m, i), e.Payload(m))
		}
		p.ledger.Settle(pipeline.Confirmed, wire.OK, m.Copies())
	}
}

func (printer) Prompt(int) bool { return true }

func Example() {
	var ledger pipeline.Ledger
	var buffers pool.Pool
	p := pipeline.New(pipeline.Config{
		Source: once{&buffers, `{"protocol":"choria:transport:1","data":"aGk=","headers":{"federation":{` +
			`"target":["mcollective.node.web1","mcollective.node.web2"]}}}`},
		Rules: pipeline.Rules{
			Router: everywhere{}, Limits: wire.Limits{Depth: 16, Hops: 16, Targets: 50_000},
		},
		Publishers:    []pipeline.Publisher{printer{&ledger}},
		Ledger:        &ledger,
		Pool:          &buffers,
		DecodeWorkers: 1,
		Depth:         8,
	})
	p.Run(context.Background())
	books := ledger.Snapshot()
	fmt.Println("copies:", books.Copies, "confirmed:", books.Fate(pipeline.Confirmed), "balanced:", books.Balanced())
	// Output:
	// mcollective.node.web1 <- "aGk="
	// mcollective.node.web2 <- "aGk="
	// copies: 2 confirmed: 2 balanced: true
}
