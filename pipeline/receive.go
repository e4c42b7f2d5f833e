package pipeline

import "context"

// receive takes batches from the source until it ends. It owns the channel it returns.
func (p *Pipeline) receive(ctx context.Context) <-chan *Batch {
	out := make(chan *Batch, p.Depth)
	go func() {
		defer close(out)
		for {
			b := p.newBatch()
			if err := p.Source.Receive(ctx, b); err != nil {
				p.freeBatch(b)
				return
			}
			p.active.Add(1)
			p.batchCount.Add(1)
			p.Ledger.Receive(len(b.Messages))
			out <- b
		}
	}()
	return out
}

// newBatch returns an empty batch; the caller owns it.
func (p *Pipeline) newBatch() *Batch {
	b := p.batches.Get().(*Batch)
	b.In = p.Pool.Get(0)
	return b
}

// freeBatch takes ownership of b and gives back what it holds.
func (p *Pipeline) freeBatch(b *Batch) {
	b.In.Release()
	b.In = nil
	b.Messages = recycle(b.Messages)
	b.targets = recycle(b.targets)
	p.batches.Put(b)
}

// maxRecycled is the longest slice, in entries, that waits for its next use: one request with all targets allowed must
// not keep its memory for ever.
const maxRecycled = 8192

func recycle[T any](s []T) []T {
	if cap(s) > maxRecycled {
		return nil
	}
	return s[:0]
}
