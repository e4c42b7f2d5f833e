package pipeline

import "github.com/fedrelay/fedrelay/wire"

// Rules are what a pipeline decides by. A batch is decoded and routed by the same ones.
type Rules struct {
	// Router is asked about every message. It is for these Rules only: it may still be asked about
	// batches of before when others are set.
	Router Router
	// Limits bound what messages may hold.
	Limits wire.Limits
	// Compact says which compact messages are taken.
	Compact Compact
	// Normalize says that a message which wire.Scan rejects is read again as the incumbent would
	// read it (wire.Normalize).
	Normalize bool

	bundler   Bundler   // Router, or nil if that is none
	concluder Concluder // Router, or nil if that is none
}

// SetRules makes r the rules for all batches that come from now on. Those under way keep theirs. It
// may be called at any time, from any goroutine, and does not block.
func (p *Pipeline) SetRules(r Rules) {
	r.bundler, _ = r.Router.(Bundler)
	r.concluder, _ = r.Router.(Concluder)
	p.rules.Store(&r)
}
