package socket

// A queuer is a connection that counts the bytes that it has taken and not passed on. For TCP the
// kernel counts them.
type queuer interface{ Queued() int }

// Queued returns how many written bytes the other end has not acknowledged yet. known is false
// where nobody counts them. It does not block.
func (c *Conn) Queued() (n int64, known bool) {
	if q, ok := c.raw.Conn.(queuer); ok {
		return int64(q.Queued()), true
	}
	queue, known := kernelQueue(c.raw.Conn)
	return int64(queue), known
}

// acknowledged returns how many bytes have reached the other end, while queue bytes have not. It
// asks the kernel first, because we count bytes before they are written.
func (f *Framed) acknowledged(queue int64) int64 {
	if n, known := kernelAcknowledged(f.raw.Conn); known {
		return n
	}
	return f.Sent() - queue
}

// held reports whether the oldest unanswered PING is among the last queue bytes, which have not
// reached the other end.
func (f *Framed) held(queue int64) bool {
	sent, waiting := f.input.pings.oldest()
	return waiting && queue > 0 && f.acknowledged(queue) < sent
}
