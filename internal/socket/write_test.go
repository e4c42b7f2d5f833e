package socket

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

// dripConn takes a byte or two before each deadline, or nothing when it is stuck.
type dripConn struct {
	net.Conn
	taken   []byte
	stuckAt int
	each    time.Duration // that a write takes
}

func (c *dripConn) Write(p []byte) (int, error) {
	if c.each > 0 {
		<-time.After(c.each)
	}
	if len(c.taken) >= c.stuckAt {
		return 0, os.ErrDeadlineExceeded
	}
	n := min(len(p), 2)
	c.taken = append(c.taken, p[:n]...)
	if n < len(p) {
		return n, os.ErrDeadlineExceeded
	}
	return n, nil
}

func (c *dripConn) Close() error { return nil }

func (c *dripConn) SetWriteDeadline(time.Time) error { return nil }

func (c *dripConn) SetReadDeadline(time.Time) error { return errors.ErrUnsupported }

func TestASlowWriteGoesOnAndAStuckOneFails(t *testing.T) {
	for _, pieces := range [][]string{{"one piece"}, {"two ", "pieces"}, {"a", "", "b", strings.Repeat("c", 101)}} {
		text := strings.Join(pieces, "")
		for stuckAt := range len(text) + 1 {
			conn := &dripConn{stuckAt: stuckAt}
			c := framedConn(conn, nil)
			n, err := c.writePieces(pieces)
			if string(conn.taken) != text[:n] {
				t.Fatalf("%d bytes written, %q taken", n, conn.taken)
			}
			if done := n == len(text); done != (err == nil) || !done && (n < stuckAt || !errors.Is(err, os.ErrDeadlineExceeded)) {
				t.Fatalf("stuck at %d of %d: %d, %v", stuckAt, len(text), n, err)
			}
			if broken := c.Cause() != nil; broken != (err != nil) {
				t.Errorf("%v ends the epoch: %t", err, broken)
			}
		}
	}
}

func TestAWriteThatCrawlsFails(t *testing.T) {
	for _, pieces := range [][]string{{strings.Repeat("x", 1000)}, {strings.Repeat("x", 500), strings.Repeat("x", 500)}} {
		natstest.Bubble(t, func(t *testing.T) {
			conn := &dripConn{stuckAt: 1000, each: WritePatience}
			c := framedConn(conn, nil)
			c.EndLogin()
			n, err := c.writePieces(pieces)
			if n != 14 || len(conn.taken) != n || !errors.Is(err, os.ErrDeadlineExceeded) || c.Cause() == nil {
				t.Errorf("%d bytes written, %q taken, %v", n, conn.taken, err)
			}
		})
	}
}

func (f *Framed) writePieces(pieces []string) (int, error) {
	if len(pieces) == 1 {
		return f.write([]byte(pieces[0]))
	}
	var vec net.Buffers
	for _, p := range pieces {
		vec = append(vec, []byte(p))
	}
	return f.writev(&vec, 0)
}
