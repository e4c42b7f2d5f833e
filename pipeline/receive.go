package pipeline

import "context"

// receive starts the source. The channel brings the batches that Take does not carry at once, and
// is closed when the source has ended.
func (p *Pipeline) receive(ctx context.Context) <-chan *Batch {
	p.received = make(chan *Batch, p.Depth)
	go func() {
		defer close(p.received)
		p.Source.Run(ctx, p)
	}()
	return p.received
}

// Take implements Line.
func (p *Pipeline) Take(b *Batch) {
	b.rules = p.rules.Load()
	if b.hasCompact() {
		p.unpack(b)
		return
	}
	p.take(b)
}

// take takes ownership of b, which has rules and no compact messages. If nothing is ahead of b, the
// goroutine that brings b carries it through all stages. Handing it over would cost the time to
// wake other goroutines, and move its bytes to the cache of another processor. With several decode
// workers, a batch with more waiting behind it is handed over all the same, so that reading goes
// on.
func (p *Pipeline) take(b *Batch) {
	p.underWay.Add(1)
	p.batchCount.Add(1)
	p.Ledger.Receive(len(b.Messages))
	if p.dealer.baton.withCaller() && (!b.MoreWaiting || p.DecodeWorkers == 1) {
		p.scan(b)
		p.dealer.carry(b)
		return
	}
	p.dealer.baton.pass()
	b.decoded = p.spareSignals.Get().(chan struct{})
	p.received <- b
}
