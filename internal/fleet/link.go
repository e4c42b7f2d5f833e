package fleet

import (
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// link is a connection. Its errors are counted, and close waits until it is closed.
type link struct {
	*nats.Conn
	closed chan struct{}
	errs   *atomic.Int64
}

// dial connects, and later reconnects for ever. The options of extra override others.
func dial(url, name string, errs *atomic.Int64, extra []nats.Option) (*link, error) {
	l := &link{closed: make(chan struct{}), errs: errs}
	opts := append([]nats.Option{
		nats.Name(name),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(100 * time.Millisecond),
		nats.ReconnectJitter(50*time.Millisecond, 50*time.Millisecond),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) { errs.Add(1) }),
		nats.ClosedHandler(func(*nats.Conn) { close(l.closed) }),
	}, extra...)
	nc, err := nats.Connect(url, opts...)
	if err != nil {
		return nil, err
	}
	l.Conn = nc
	return l, nil
}

func (l *link) close() {
	l.Close()
	<-l.closed
}
