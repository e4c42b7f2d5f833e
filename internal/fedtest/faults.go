package fedtest

// Hold takes nothing more that comes these ways until Release, as a peer that does not read.
func (p *Proxy) Hold(ways ...Way) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range ways {
		p.gates[w] = make(chan struct{})
	}
}

// Release ends Hold.
func (p *Proxy) Release(ways ...Way) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range ways {
		close(p.gates[w])
	}
}

// HoldOnly is Hold on the connections of a role that there are, until ReleaseOnly.
func (p *Proxy) HoldOnly(role string, w Way) {
	p.each(role, func(c *pair) { c.held[w] = make(chan struct{}) })
}

// ReleaseOnly ends HoldOnly.
func (p *Proxy) ReleaseOnly(role string, w Way) {
	p.each(role, func(c *pair) { close(c.held[w]); c.held[w] = nil })
}

// Throttle carries so many bytes a second to the server on each connection; 0: as many as come.
func (p *Proxy) Throttle(rate int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = rate
}

// Lose takes what comes these ways on the connections of a role that there are, on all for "", and
// forgets it: nobody is told that it does not arrive. These connections stay so until Heal ends
// them.
func (p *Proxy) Lose(role string, ways ...Way) {
	p.each(role, func(c *pair) {
		for _, w := range ways {
			c.lost[w] = true
		}
	})
}

// Vanish is Lose on all connections; new ones get no answer until Heal. It needs a proxy without
// sockets.
func (p *Proxy) Vanish(ways ...Way) {
	p.mu.Lock()
	p.dark = true
	p.mu.Unlock()
	p.Lose("", ways...)
}

// Heal ends Vanish and Lose. Connections that have lost something are cut: who is still there
// learns of it now.
func (p *Proxy) Heal() {
	p.each("", func(c *pair) {
		if c.lost[ToServer] || c.lost[ToRelay] {
			c.cut()
		}
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dark = false
}

// Insert puts text between two lines that come one way on the connections of a role.
func (p *Proxy) Insert(role string, w Way, text string) {
	p.each(role, func(c *pair) { c.insert[w] = text })
}

// CutInside resets the connections that publish, so many bytes behind the beginning of the next PUB
// on each.
func (p *Proxy) CutInside(bytes int) {
	p.each("publish", func(c *pair) { c.inside = bytes })
}

// each calls f with the connections of a role, with all for "".
func (p *Proxy) each(role string, f func(*pair)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		if role == "" || role == c.role {
			f(c)
		}
	}
}
