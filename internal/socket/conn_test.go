package socket

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
)

// brokenConn returns its last bytes together with an error, as a net.Conn may.
type brokenConn struct {
	net.Conn
	data string
}

func (c *brokenConn) Read(p []byte) (int, error) {
	n := copy(p, c.data)
	if c.data = c.data[n:]; c.data != "" {
		return n, nil
	}
	return n, io.ErrUnexpectedEOF
}

func TestBytesBeforeAnErrorAreDelivered(t *testing.T) {
	c := New(&brokenConn{data: "PING\r\n-ERR 'x'\r\nPONG\r\n-ERR 'half"})
	got, err := io.ReadAll(c)
	if string(got) != "PING\r\n-ERR 'x'\r\nPONG\r\n" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestSmallReadsSeeTheSameStream(t *testing.T) {
	const in = "INFO {}\r\n-ERR 'Permissions Violation 1'\r\n-ERR 'Permissions Violation 2'\r\nMSG a 1 2\r\nhi\r\n-ERR 'Permissions Violation 3'\r\nPONG\r\n"
	for size := 1; size < len(in); size += 3 {
		c := New(&brokenConn{data: in})
		var got strings.Builder
		_, err := io.CopyBuffer(&got, struct{ io.Reader }{c}, make([]byte, size))
		if got.String() != in || !errors.Is(err, io.ErrUnexpectedEOF) || denialsOf(c) != 3 {
			t.Fatalf("reads of %d: %q, %v, %d denials", size, got.String(), err, denialsOf(c))
		}
	}
}

// A server that has hung up has often said why: a write that fails must not hide that.
func TestWhatTheServerSaidBeforeABrokenPipe(t *testing.T) {
	const says = "-ERR 'maximum connections exceeded'\r\n"
	ours, theirs := net.Pipe()
	defer ours.Close()
	go func() {
		defer theirs.Close()
		theirs.Write([]byte(says))
	}()
	deaf := brokenWrites{ours}
	c := New(deaf)
	if _, err := c.Write([]byte("CONNECT {}\r\n")); err == nil || !strings.Contains(err.Error(), "maximum connections exceeded") {
		t.Error(err)
	}
}

// brokenWrites is a connection whose other end has stopped listening, not talking.
type brokenWrites struct{ net.Conn }

func (brokenWrites) Write([]byte) (int, error) { return 0, net.ErrWriteToConnected }

func denialsOf(c *Conn) uint64 {
	n, _ := c.Denials()
	return n
}
