package pipeline

import "context"

// receive runs the source. It owns the channel that it returns, where those batches go that are not carried at once.
func (p *Pipeline) receive(ctx context.Context) <-chan *Batch {
	p.received = make(chan *Batch, p.Depth)
	go func() {
		defer close(p.received)
		p.Source.Run(ctx, p)
	}()
	return p.received
}

// Take implements Line. Where nothing is ahead of b the goroutine that brought b carries it through all stages: handing it
// over would add the time to wake the next ones, and move its bytes to another processor's cache. With more than one decode
// worker, what leaves more behind it is handed over all the same, so that reading goes on.
func (p *Pipeline) Take(b *Batch) {
	p.active.Add(1)
	p.batchCount.Add(1)
	p.Ledger.Receive(len(b.Messages))
	if p.queued.Load() == 0 && (!b.MoreWaiting || p.DecodeWorkers == 1) {
		p.scan(b)
		p.fan.carry(b)
		return
	}
	p.queued.Add(1)
	b.decoded = p.signals.Get().(chan struct{})
	p.received <- b
}
