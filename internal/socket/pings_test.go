package socket

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

// paperConn keeps what is written; what is read comes from answers.
type paperConn struct {
	cutConn
	written bytes.Buffer
}

func (c *paperConn) Write(p []byte) (int, error)      { return c.written.Write(p) }
func (c *paperConn) SetWriteDeadline(time.Time) error { return nil }

// natsWrites are what nats.go may write at once, with the number of PINGs in it.
var natsWrites = map[string]int{
	"PING\r\n": 1,
	"CONNECT {\"verbose\":false}\r\nPING\r\n": 1,
	"PONG\r\n":                        0,
	"SUB in q 1\r\n":                  0,
	"PUB a 6\r\nPING\r\n\r\n":         0,
	"PUB a 6\r\nPING\r\n\r\nPING\r\n": 1,
	"PUB a reply 12\r\nPING\r\nPING\r\n\r\nPUB b 0\r\n\r\nPING\r\nPING\r\n":      2,
	"HPUB a 12 18\r\n" + headers + "PING\r\n\r\nUNSUB 1\r\nPING\r\n":             1,
	"PUB PING 4\r\nPING\r\nSUB PING 2\r\n":                                       0,
	"PUB a 7\r\n\r\nPING\r\r\n" + strings.Repeat("PUB b 6\r\nPING\r\n\r\n", 100): 0,
}

func TestPongsAreToldApartByOrder(t *testing.T) {
	for text, theirs := range natsWrites {
		var s sink
		conn := &paperConn{}
		c := framedConn(conn, &s)
		var ours []chan struct{}
		answers := ""
		for range 3 {
			ours = append(ours, make(chan struct{}))
			if err := c.Command("SUB x q f1\r\n", closing(ours[len(ours)-1])); err != nil {
				t.Fatal(err)
			}
			if n, err := c.Write([]byte(text)); n != len(text) || err != nil {
				t.Fatal(n, err)
			}
			answers += strings.Repeat("PONG\r\n", 1+theirs)
		}
		conn.cutConn = cutConn{data: answers + "PONG\r\n", size: 5}
		foreign, err := io.ReadAll(c)
		if want := strings.Repeat("PONG\r\n", 3*theirs+1); string(foreign) != want || err != nil {
			t.Errorf("%q: %d PONGs for nats.go, want %d (%v)", text, bytes.Count(foreign, []byte("PONG")), 3*theirs+1, err)
		}
		for i, pong := range ours {
			if !answeredPing(pong) {
				t.Errorf("%q: PING %d of ours is not answered", text, i)
			}
		}
		if want := strings.Repeat("SUB x q f1\r\nPING\r\n"+text, 3); conn.written.String() != want {
			t.Errorf("written: %q", conn.written.String())
		}
		c.Release()
	}
}

// closing returns a function that closes ch.
func closing(ch chan struct{}) func() { return func() { close(ch) } }

func TestAPongAnswersOnePingOnly(t *testing.T) {
	var s sink
	conn := &paperConn{}
	c := framedConn(conn, &s)
	first, second := make(chan struct{}), make(chan struct{})
	for _, pong := range []chan struct{}{first, second} {
		if err := c.Command("", closing(pong)); err != nil {
			t.Fatal(err)
		}
	}
	conn.cutConn = cutConn{data: "PONG\r\n", size: 100}
	if _, err := io.ReadAll(c); err != nil {
		t.Fatal(err)
	}
	if !answeredPing(first) || answeredPing(second) {
		t.Errorf("answered: first %t, second %t", answeredPing(first), answeredPing(second))
	}
	c.Release()
}

// answeredPing reports whether a PONG has come.
func answeredPing(pong <-chan struct{}) bool {
	select {
	case <-pong:
		return true
	default:
		return false
	}
}
