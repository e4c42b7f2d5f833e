package fedtest

// Hold hands nothing on that comes these ways until Release, like a peer that does not read.
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

// HoldOnly is Hold for the connections of one role that are there now, until ReleaseOnly.
func (p *Proxy) HoldOnly(role string, w Way) {
	p.each(role, func(c *pair) { c.held[w] = make(chan struct{}) })
}

// ReleaseOnly ends HoldOnly.
func (p *Proxy) ReleaseOnly(role string, w Way) {
	p.each(role, func(c *pair) { close(c.held[w]); c.held[w] = nil })
}

// Throttle hands on so many bytes a second to the server on each connection; 0: no limit.
func (p *Proxy) Throttle(rate int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = rate
}

// Lose throws away what comes these ways on the connections of a role that are there now; "" means
// all roles. Nobody is told that it does not arrive. These connections stay so until Heal ends
// them.
func (p *Proxy) Lose(role string, ways ...Way) {
	p.each(role, func(c *pair) {
		for _, w := range ways {
			c.lost[w] = true
		}
	})
}

// Vanish is Lose for all connections. New ones get no answer until Heal. It needs a proxy without
// sockets.
func (p *Proxy) Vanish(ways ...Way) {
	p.mu.Lock()
	p.dark = true
	p.mu.Unlock()
	p.Lose("", ways...)
}

// Heal ends Vanish and Lose. It cuts the connections that have lost something, so whoever still
// uses one learns of it now.
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

// CutInside resets the connections that publish, each when so many bytes of its next PUB have come
// through.
func (p *Proxy) CutInside(bytes int) {
	p.each("publish", func(c *pair) { c.inside = bytes })
}

// each calls f with the connections of a role, or of one lane ("publish 4"), and with all where the
// role is "".
func (p *Proxy) each(role string, f func(*pair)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		if role == "" || role == c.role || role == c.lane {
			f(c)
		}
	}
}

// Cut ends all connections at once, wherever they are in a message.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		c.cut()
	}
}

// Refuse refuses new connections until Up. Those that are there go on.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = true
}

// Down cuts, and refuses new connections until Up.
func (p *Proxy) Down() {
	p.Refuse()
	p.Cut()
}

// Up lets new connections through again.
func (p *Proxy) Up() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}
