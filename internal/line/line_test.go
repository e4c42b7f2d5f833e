package line

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo listens for connections and sends back what comes.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func dial(t *testing.T, address string, s Shape) (*Line, net.Conn) {
	t.Helper()
	l, err := Listen(address, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	c, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return l, c
}

// Everything arrives, in order and not too early. How late it may be depends on the machine.
func TestALineLosesNothing(t *testing.T) {
	sent := bytes.Repeat([]byte("all of it "), 50_000)
	for name, c := range map[string]struct {
		shape Shape
		least time.Duration
	}{
		"no line":    {},
		"round trip": {Shape{RoundTrip: 40 * time.Millisecond}, 40 * time.Millisecond},
		"rate":       {Shape{Rate: 80_000_000, Window: LinuxWindow}, 50 * time.Millisecond},
		"loss":       {Shape{RoundTrip: 2 * time.Millisecond, Loss: 0.05, Window: LinuxWindow}, 2 * time.Millisecond},
	} {
		l, conn := dial(t, echo(t), c.shape)
		began, got := time.Now(), make([]byte, len(sent))
		go func() { _, _ = conn.Write(sent) }()
		if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(sent, got) {
			t.Errorf("%s: %v, and what came is what was sent: %t", name, err, bytes.Equal(sent, got))
		}
		if took := time.Since(began); took < c.least {
			t.Errorf("%s: there and back in %s", name, took)
		}
		if want := (Counts{int64(len(sent)), int64(len(sent))}); l.Counts() != want {
			t.Errorf("%s: counted %+v, want %+v", name, l.Counts(), want)
		}
	}
}

func TestCountsAreTakenApart(t *testing.T) {
	before := Counts{Sent: 10, Returned: 5}
	if got := (Counts{Sent: 12, Returned: 9}).Since(before); got != (Counts{2, 4}) {
		t.Errorf("%+v", got)
	}
}

// What a server says last is there before the end of its connection.
func TestTheEndComesLast(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		c, err := server.Accept()
		if err != nil {
			return
		}
		_, _ = c.Write([]byte("farewell"))
		c.Close()
	}()
	_, conn := dial(t, server.Addr().String(), Shape{RoundTrip: 20 * time.Millisecond})
	if got, err := io.ReadAll(conn); string(got) != "farewell" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestALineMayBecomeLonger(t *testing.T) {
	l, conn := dial(t, echo(t), Shape{})
	l.Reshape(Shape{RoundTrip: 30 * time.Millisecond})
	began := time.Now()
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil || time.Since(began) < 30*time.Millisecond {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func TestALineEndsWithItsConnections(t *testing.T) {
	l, conn := dial(t, echo(t), Shape{RoundTrip: 10 * time.Millisecond})
	l.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("still connected")
	}
	if _, err := net.Dial("tcp", l.Address()); err == nil {
		t.Error("still listening")
	}
}
