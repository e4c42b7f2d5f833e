package socket

import (
	"context"
	"net"
	"syscall"
	"time"
)

// Dial makes a TCP connection. It blocks until ctx ends at most. It does not set TCP_USER_TIMEOUT:
// that timer starts at the first loss or the first full window, and later acknowledgements do not
// stop it. KeepAlive judges better.
func Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: 5 * time.Second, Interval: 5 * time.Second, Count: 3,
		},
		Control: func(_, _ string, c syscall.RawConn) error {
			limitUnsent(c)
			return nil
		},
	}
	return d.DialContext(ctx, network, address)
}
