package socket

// A queuer is a connection that knows how many bytes it has taken and not passed on. The kernel
// knows for those of TCP.
type queuer interface{ Queued() int }

// Queued is how many bytes have been taken and are not with the other end yet. It is false where
// nobody knows.
func (c *Conn) Queued() (n int64, known bool) {
	if q, ok := c.raw.(queuer); ok {
		return int64(q.Queued()), true
	}
	queue, known := kernelQueue(c.raw)
	return int64(queue), known
}

// acknowledged is how many bytes are with the other end, when queue are not. The kernel knows
// better than we, who enter bytes before they are written.
func (f *Framed) acknowledged(queue int64) int64 {
	if n, known := kernelAcknowledged(f.raw); known {
		return n
	}
	return f.Sent() - queue
}

// held reports whether the PING that has waited longest is among the last queue bytes.
func (f *Framed) held(queue int64) bool {
	sent, waiting := f.input.pings.oldest()
	return waiting && queue > 0 && f.acknowledged(queue) < sent
}
