package socket

import (
	"io"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

// It would end a connection on which data flows: it runs from the first loss or full window on,
// until all of that is made up for.
func TestTheKernelDoesNotJudgeConnections(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	timeout := -1
	asked := askKernel(conn, func(fd int) (err error) {
		timeout, err = unix.GetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
		return err
	})
	if !asked || timeout != 0 {
		t.Errorf("TCP_USER_TIMEOUT is %d ms", timeout)
	}
}

// What we have entered and what the kernel knows are the same bytes, over TLS, too.
func TestAQuestionIsHeldUntilTheOtherEndHasIt(t *testing.T) {
	for name, secure := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := natstest.Wired(t)
			c, reader := framedConn(ours, nil), theirs
			if secure {
				c, reader = secured(t, ours, theirs)
			}
			natstest.Succeeds(t, theirs.(*net.TCPConn).SetReadBuffer(128<<10))
			natstest.Succeeds(t, ours.(*net.TCPConn).SetWriteBuffer(16<<20)) // more than is written
			ask := func() {
				if err := c.Ask(); err != nil {
					t.Fatal(err)
				}
			}
			ask()
			natstest.Eventually(t, "a question arrives", func() bool {
				queue, known := c.Queued()
				return known && queue == 0 && !c.held(queue)
			})
			c.input.pings.pop()
			const size = 60 << 10
			for range 10 {
				if _, err := c.Write(make([]byte, size)); err != nil {
					t.Fatal(err)
				}
			}
			ask()
			queue, _ := c.Queued()
			if !c.held(queue) {
				t.Errorf("the question is not among %d bytes", queue)
			}
			go io.Copy(io.Discard, reader)
			natstest.Eventually(t, "the other end has it all", func() bool {
				queue, _ := c.Queued()
				return queue == 0 && !c.held(queue)
			})
			acknowledged, sent := c.acknowledged(0), c.sent.Load()
			if acknowledged < sent || acknowledged > sent+1 { // a SYN counts
				t.Errorf("%d bytes entered, %d acknowledged", sent, acknowledged)
			}
			c.Cut()
		})
	}
}
