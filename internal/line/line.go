package line

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A Line listens on loopback for whoever is to be far from a server. Its methods are safe for
// concurrent use.
type Line struct {
	listener net.Listener
	to       string
	born     time.Time
	there    *way // from who connects to the server
	back     *way

	sent, returned atomic.Int64
	conns          atomic.Uint64
	cancel         context.CancelFunc
	all            sync.WaitGroup
}

// Counts are the bytes that have entered a line, as TCP carries them: without headers of packets.
type Counts struct {
	Sent     int64 // by those who connect
	Returned int64 // by the server
}

// Since is what has entered since before.
func (c Counts) Since(before Counts) Counts {
	return Counts{c.Sent - before.Sent, c.Returned - before.Returned}
}

// Listen makes a line to the server at address, host:port. The caller must Close it.
func Listen(address string, s Shape) (*Line, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	line := &Line{listener: l, to: address, born: time.Now(), there: newWay(s), back: newWay(s)}
	ctx, cancel := context.WithCancel(context.Background())
	line.cancel = cancel
	line.all.Go(func() { line.accept(ctx) })
	return line, nil
}

// Address is where to connect to, host:port.
func (l *Line) Address() string { return l.listener.Addr().String() }

// Counts says what has entered the line so far.
func (l *Line) Counts() Counts { return Counts{l.sent.Load(), l.returned.Load()} }

// Reshape makes the line another one. What is under way meanwhile arrives as either would have it.
func (l *Line) Reshape(s Shape) {
	l.there.shape.Store(&s)
	l.back.shape.Store(&s)
}

// Close ends all connections and waits for that.
func (l *Line) Close() {
	l.cancel()
	l.listener.Close()
	l.all.Wait()
}

func (l *Line) accept(ctx context.Context) {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.all.Go(func() { l.join(ctx, near) })
	}
}

// join connects near with the server, until either ends.
func (l *Line) join(ctx context.Context, near net.Conn) {
	defer near.Close()
	far, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.to)
	if err != nil {
		return
	}
	defer far.Close()
	defer context.AfterFunc(ctx, func() { near.Close(); far.Close() })()
	seed := l.conns.Add(2)
	ended := make(chan struct{}, 2)
	carry := func(from, to net.Conn, f *flow, count *atomic.Int64) {
		(&carrier{from: from, to: to, born: l.born, flow: f, count: count}).run()
		from.Close() // so that the other direction ends, too
		to.Close()
		ended <- struct{}{}
	}
	go carry(near, far, newFlow(l.there, seed), &l.sent)
	go carry(far, near, newFlow(l.back, seed+1), &l.returned)
	<-ended
	<-ended
}
