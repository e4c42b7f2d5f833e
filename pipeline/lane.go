package pipeline

// laneOf deals keys to lanes: equal keys go to the same one.
func laneOf(key []byte, lanes int) int {
	if lanes == 1 {
		return 0
	}
	const prime, offset = 16777619, 2166136261 // FNV-1a
	h := uint32(offset)
	for _, c := range key {
		h = (h ^ uint32(c)) * prime
	}
	return int(h % uint32(lanes))
}

// egressFor returns what b sends through a lane, making it at the lane's first message: it then keeps the bytes of b.
func (p *Pipeline) egressFor(slot **Egress, b *Batch) *Egress {
	if *slot == nil {
		e := p.egresses.Get().(*Egress)
		e.in = b.In.Retain()
		e.out = p.Pool.Get(0)
		e.Received = b.Received
		*slot = e
		p.active.Add(1)
	}
	return *slot
}

// freeEgress takes ownership of e and gives back what it holds.
func (p *Pipeline) freeEgress(e *Egress) {
	e.in.Release()
	e.out.Release()
	e.in, e.out = nil, nil
	e.Messages = recycle(e.Messages)
	e.subjects = recycle(e.subjects)
	p.egresses.Put(e)
	p.active.Add(-1)
}
