package line

import "time"

// A Shape says what a line is like. The zero value is no line at all.
type Shape struct {
	// RoundTrip is how long bytes take there and back, beside what they take to be sent.
	RoundTrip time.Duration
	// Rate is how many bits a second the line carries in each direction. 0: no limit.
	Rate int64
	// Queue is how many bytes wait at most where the line begins, as a router lets them. 0: as much
	// as is sent in a round trip, and queueLeast at least.
	Queue int
	// Loss is the share of packets that get lost, from 0 to 1. TCP sends them again: they come a
	// round trip later, and all behind them waits.
	Loss float64
	// Window is how many bytes of one connection are under way at most, see [LinuxWindow]. 0: no
	// limit, and no slow start either.
	Window int
}

// LinuxWindow is about what two machines have under way on one connection if nobody has changed
// their settings (net.ipv4.tcp_wmem, tcp_rmem).
const LinuxWindow = 4 << 20

const (
	segment     = 1448         // bytes of TCP's payload in a packet of 1,500
	firstWindow = 10 * segment // of a connection that is new or has rested
	leastWindow = 2 * segment
	queueLeast  = 64 << 10
	restFor     = 200 * time.Millisecond // and a round trip: then a connection has rested

	// A piece is what the line takes of a connection at once. It takes a millisecond to send, but
	// has a packet at least.
	longestPiece = 64 << 10
	pieceTime    = time.Millisecond
)

// bytesIn is how many bytes the line sends in so long.
func (s Shape) bytesIn(d time.Duration) int { return int(float64(s.Rate) / 8 * d.Seconds()) }

// timeFor is how long the line takes to send n bytes.
func (s Shape) timeFor(n int) time.Duration {
	if s.Rate == 0 {
		return 0
	}
	return time.Duration(float64(n) * 8 / float64(s.Rate) * float64(time.Second))
}

// piece is how much of a connection is taken at once.
func (s Shape) piece() int {
	if s.Rate == 0 {
		return longestPiece
	}
	return min(max(s.bytesIn(pieceTime), segment), longestPiece)
}

// longestWait is how long bytes wait in the queue at most.
func (s Shape) longestWait() time.Duration {
	if s.Queue > 0 {
		return s.timeFor(s.Queue)
	}
	return max(s.RoundTrip, s.timeFor(queueLeast))
}
