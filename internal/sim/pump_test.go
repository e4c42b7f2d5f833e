package sim

import (
	"bytes"
	"io"
	"syscall"
	"time"
)

// pumpUp carries what the relay writes to the server.
func (c *conn) pumpUp() {
	b := make([]byte, 32<<10)
	for {
		n, err := c.up.read(b, newDeadline())
		if !c.carry(upward, b[:n], c.deliver) || err != nil {
			break
		}
	}
	if c.isLost(upward) {
		c.keepForServer()
	}
	c.hangUp()
}

// keepForServer keeps the server's end open when the relay has left, until the faults are over: the
// server does not learn of it.
func (c *conn) keepForServer() {
	select {
	case <-c.left:
	case <-c.gone:
	}
	select {
	case <-c.network.calm:
	case <-c.gone:
	}
}

// deliver gives p to the server. It is entered into the books first, because the server's answer
// may come before Write returns.
func (c *conn) deliver(p []byte) bool {
	c.arrived.feed(p)
	_, err := c.server.Write(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under -= len(p)
	return err == nil
}

// pumpDown carries what the server writes to the relay.
func (c *conn) pumpDown() {
	b := make([]byte, 32<<10)
	for {
		n, err := c.server.Read(b)
		if !c.carry(downward, b[:n], c.emit) || err != nil {
			break
		}
	}
	if c.isLost(downward) {
		<-c.left
	}
	c.down.finish(io.EOF, syscall.EPIPE)
	c.up.finish(io.EOF, syscall.EPIPE)
	c.hangUp()
}

// emit gives p to the relay. It waits for room.
func (c *conn) emit(p []byte) bool {
	c.emitting.Lock()
	defer c.emitting.Unlock()
	c.sent.feed(p)
	_, err := c.down.write(p, newDeadline(), unseen, func() { c.network.saw("server blocked") })
	if c.insert != nil && c.sent.boundary() {
		c.announceNow()
	}
	return err == nil
}

func unseen([]byte) {}

// carry takes p as far as the plan lets it. It reports whether more may come.
func (c *conn) carry(direction int, p []byte, deliver func([]byte) bool) bool {
	for len(p) > 0 {
		n, delay, happens := c.next(direction, len(p))
		if !c.apply(direction, happens) {
			return false
		}
		c.pause(delay)
		if !c.isLost(direction) && !deliver(p[:n]) {
			return false
		}
		p = p[n:]
	}
	return true
}

// slice is how many bytes a slow flow carries at a time.
const slice = 4 << 10

// next takes the next n bytes, or fewer. It returns how many travel together, how long they take,
// and what happens in front of them.
func (c *conn) next(direction, n int) (together int, delay time.Duration, happens fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.flow(direction)
	if c.network.isCalm() {
		c.passed[direction] += n
		return n, 0, nothing
	}
	left := f.faultAt - c.passed[direction]
	switch {
	case f.fault == nothing:
	case left > 0:
		n = min(n, left)
	default:
		happens, f.fault = f.fault, nothing
	}
	delay = f.latency
	if f.rate > 0 {
		n = min(n, slice)
		delay += time.Duration(n) * time.Second / time.Duration(f.rate)
	}
	c.passed[direction] += n
	return n, delay, happens
}

// flow is what the plan says of a direction. The caller holds mu.
func (c *conn) flow(direction int) *flow {
	if direction == upward {
		return &c.plan.up
	}
	return &c.plan.down
}

// pause waits, unless the connection or the faults end first.
func (c *conn) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	c.network.saw("slow")
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.gone:
	case <-c.network.calm:
	}
}

var directions = [2]string{" upward", " downward"}

// apply has a fault happen. It reports whether the flow goes on.
func (c *conn) apply(direction int, f fault) bool {
	switch f {
	case cut:
		c.network.saw("cut" + directions[direction] + c.where(direction))
		c.cut()
		return false
	case stall:
		c.network.saw("stall" + directions[direction])
		c.pause(c.lasts(direction))
	case vanish:
		c.network.saw("vanish" + directions[direction])
		c.lose(direction)
	case dead:
		c.network.saw("dead" + directions[direction])
		c.lose(direction)
		select {
		case <-c.left:
		case <-c.gone:
		}
		return false
	}
	return true
}

func (c *conn) lasts(direction int) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.flow(direction).lasts
}

// where says whether the flow stands inside a frame. It is for the pump of that flow.
func (c *conn) where(direction int) string {
	t := &c.arrived
	if direction == downward {
		t = &c.sent
	}
	if t.boundary() {
		return " between frames"
	}
	return " inside a frame"
}

// cut ends the connection, with a reset if its plan says so.
func (c *conn) cut() {
	c.mu.Lock()
	reset := c.plan.reset
	c.mu.Unlock()
	if reset {
		c.sever(syscall.ECONNRESET)
		return
	}
	c.down.finish(io.EOF, syscall.EPIPE)
	c.up.sever(syscall.EPIPE)
	c.hangUp()
}

func (c *conn) lose(direction int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost[direction] = true
}

func (c *conn) isLost(direction int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost[direction]
}

// announce has the server say, in front of its next frame, that it is in lame duck mode.
func (c *conn) announce() {
	c.emitting.Lock()
	defer c.emitting.Unlock()
	if c.greeting == nil {
		return
	}
	c.insert = append(bytes.Replace(c.greeting, []byte("{"), []byte(`{"ldm":true,`), 1), "\r\n"...)
	if c.sent.boundary() {
		c.announceNow()
	}
}

func (c *conn) announceNow() {
	if !c.isLost(downward) {
		_, err := c.down.write(c.insert, newDeadline(), unseen, func() {})
		if err == nil {
			c.network.saw("lame duck")
			c.mu.Lock()
			c.ducked = true
			c.mu.Unlock()
		}
	}
	c.insert = nil
}
