package socket

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// cutConn is a network that brings data in reads of at most size bytes, then EOF.
type cutConn struct {
	net.Conn
	data     string
	size     int
	together bool // the last bytes come with the EOF
}

func (c *cutConn) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), c.size)], c.data)
	c.data = c.data[n:]
	if c.data == "" && (n == 0 || c.together) {
		return n, io.EOF
	}
	return n, nil
}

func (c *cutConn) Close() error { return nil }

// sink is a receiver that keeps copies of what it gets.
type sink struct {
	pool     pool.Pool
	messages []string
	headers  int
}

func (s *sink) Room(n int) *pool.Buffer { return s.pool.Get(n) }

func (s *sink) Wait(context.Context, int, int) error { return nil }

func (s *sink) Deliver(ctx context.Context, b *pipeline.Batch) {
	for i := range b.Messages {
		s.messages = append(s.messages, string(b.Payload(i)))
	}
	b.Free()
}

func (s *sink) Stripped() { s.headers++ }

func (s *sink) ReadSizes() ReadSizes { return ShortReads }

// framedConn is a framed connection above conn, whose messages go to r.
func framedConn(conn net.Conn, r Receiver) *Framed {
	f := NewFramed(conn)
	f.Receive(r)
	return f
}

// What a framed connection made of a stream.
type outcome struct {
	messages   []string
	foreign    string // bytes for nats.go
	err        error
	headers    int
	violations uint64
	lent       int64
}

// readThrough reads all that conn has, as nats.go does, in pieces of at most size bytes. PINGs are
// under way: nats.go's where pings says n, ours else.
func readThrough(conn net.Conn, size int, pings string) outcome {
	var s sink
	c := framedConn(conn, &s)
	for _, whose := range pings {
		pong := Nobody
		if whose == 'n' {
			pong = nil
		}
		c.input.pings.push(pong, 0)
	}
	var foreign strings.Builder
	_, err := io.CopyBuffer(&foreign, eofToo{c}, make([]byte, size))
	c.Release()
	return outcome{s.messages, foreign.String(), err, s.headers, c.input.violations.Load(), s.pool.InUse()}
}

// eofToo makes EOF an error like others.
type eofToo struct{ io.Reader }

func (r eofToo) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == io.EOF {
		err = errEOF
	}
	return n, err
}

var errEOF = errors.New("EOF")

func (o outcome) same(other outcome) bool {
	return slices.Equal(o.messages, other.messages) && o.foreign == other.foreign && o.headers == other.headers &&
		o.violations == other.violations && (o.err == errEOF) == (other.err == errEOF)
}

const headers = "NATS/1.0\r\n\r\n" // 12 bytes

// pieces are what a server sends, each with what is in it for nats.go and for us.
var pieces = []struct{ sent, foreign, message string }{
	{sent: "INFO {\"max_payload\":4096}\r\n", foreign: "INFO {\"max_payload\":4096}\r\n"},
	{sent: "MSG in f1 5\r\nhello\r\n", message: "hello"},
	{sent: "PING\r\n", foreign: "PING\r\n"},
	{sent: "MSG in f1 5\r\nworld\r\n", message: "world"},
	{sent: "MSG in f1 reply.to 12\r\nwith a reply\r\n", message: "with a reply"},
	{sent: "MSG a.b 1 6\r\nfor it\r\n", foreign: "MSG a.b 1 6\r\nfor it\r\n"},
	{sent: "MSG a.b 1 r 0\r\n\r\n", foreign: "MSG a.b 1 r 0\r\n\r\n"},
	{sent: "HMSG in f2 12 20\r\n" + headers + "stripped\r\n", message: "stripped"},
	{sent: "HMSG in f2 reply.to 12 27\r\n" + headers + "stripped, reply\r\n", message: "stripped, reply"},
	{sent: "HMSG a.b 1 12 18\r\n" + headers + "for it\r\n", foreign: "HMSG a.b 1 12 18\r\n" + headers + "for it\r\n"},
	{sent: "msg in f1 10\r\nlower case\r\n", message: "lower case"},
	{sent: "hmsg in f1 12 16\r\n" + headers + "both\r\n", message: "both"},
	{sent: "MSG\tin  f1 4\r\ntabs\r\n", message: "tabs"},
	{sent: "MSG in f1 2\nno\r\n", message: "no"},
	{sent: "PONG\r\n"}, // ours
	{sent: "MSG in f1 34\r\nMSG in f1 3\r\nhey\r\nPONG\r\n-ERR 'x'\r\n\r\n", message: "MSG in f1 3\r\nhey\r\nPONG\r\n-ERR 'x'\r\n"},
	{sent: "PONG\r\n", foreign: "PONG\r\n"}, // nats.go's
	{sent: "pong\r\n"},
	{sent: "PONG\r\n", foreign: "PONG\r\n"}, // nobody's
	{sent: "+OK\r\n", foreign: "+OK\r\n"},
	{sent: "-ERR 'Permissions Violation for Publish to \"a\"'\r\n", foreign: "-ERR 'Permissions Violation for Publish to \"a\"'\r\n"},
	{sent: "MSG in f1 1\r\nx\r\n", message: "x"},
	{sent: "-ERR 'Stale Connection'\r\n", foreign: "-ERR 'Stale Connection'\r\n"},
	{sent: "MSG in f1 0\r\n\r\n", message: ""},
}

const piecesPings = "ono" // under way when pieces are read

func allPieces() (sent string, want outcome) {
	for _, p := range pieces {
		sent += p.sent
		want.foreign += p.foreign
		if p.foreign == "" && !strings.HasPrefix(strings.ToUpper(p.sent), "PONG") {
			want.messages = append(want.messages, p.message)
		}
	}
	want.err, want.headers, want.violations = errEOF, 3, 1
	return sent, want
}

func TestAStreamIsTakenApartHoweverItIsCut(t *testing.T) {
	sent, want := allPieces()
	for size := 1; size <= len(sent); size++ {
		for _, into := range []int{1, 7, 32 << 10} {
			got := readThrough(&cutConn{data: sent, size: size}, into, piecesPings)
			if !got.same(want) || got.lent != 0 {
				t.Fatalf("reads of %d into %d: %+v\nwant %+v", size, into, got, want)
			}
		}
	}
}

func TestFramesLargerThanAnyBufferAreWhole(t *testing.T) {
	large := strings.Repeat("0123456789", 500_000)
	sent := "MSG in f1 2\r\nhi\r\nMSG in f1 5000000\r\n" + large + "\r\nMSG a 1 5000000\r\n" + large + "\r\nMSG in f1 2\r\nho\r\n" +
		"HMSG in f1 12 5000012\r\n" + headers + large + "\r\nMSG in f1 0\r\n\r\n"
	want := outcome{
		messages: []string{"hi", large, "ho", large, ""},
		foreign:  "MSG a 1 5000000\r\n" + large + "\r\n",
		err:      errEOF, headers: 1,
	}
	for _, size := range []int{50_000, 64<<10 + 1, len(sent)} {
		if got := readThrough(&cutConn{data: sent, size: size}, 32<<10, ""); !got.same(want) || got.lent != 0 {
			t.Errorf("reads of %d: %d messages, %d bytes for nats.go, %v", size, len(got.messages), len(got.foreign), got.err)
		}
	}
}

// onDeliver calls after behind each batch.
type onDeliver struct {
	*sink
	after func()
}

func (r *onDeliver) Deliver(ctx context.Context, b *pipeline.Batch) {
	r.sink.Deliver(ctx, b)
	r.after()
}

// Handing over what is behind an -ERR may block for as long as the path has no room. nats.go must
// have the -ERR before that.
func TestAnErrorIsNotHeldUpByWhatIsBehindIt(t *testing.T) {
	const denial = "-ERR 'Permissions Violation for Subscription to \"x\"'\r\n"
	var s sink
	f := framedConn(&cutConn{data: denial + "MSG x f1 2\r\nhi\r\nPONG\r\n", size: 1000}, &s)
	f.input.pings.push(Nobody, 0)
	p := make([]byte, 1000)
	n, err := f.Read(p)
	if string(p[:n]) != denial || err != nil || len(s.messages) > 0 {
		t.Errorf("first read: %q, %v, after the messages %q; want the -ERR first", p[:n], err, s.messages)
	}
	f.Release()
}

// Who expects no messages has many connections. A burst must not cost each of them a large buffer
// for as long as it lives.
func TestAQuietConnectionKeepsLittle(t *testing.T) {
	for name, connect := range map[string]func(net.Conn) *Conn{
		"library": New,
		"framed":  func(conn net.Conn) *Conn { return NewFramed(conn).Conn },
	} {
		network := &cutConn{data: strings.Repeat("MSG foo 1 2\r\nhi\r\n", 10_000), size: 1 << 20}
		c := connect(network)
		p := make([]byte, 32<<10)
		for range 3 {
			for network.data != "" {
				if _, err := c.Read(p); err != nil {
					t.Fatal(err)
				}
			}
			network.data = "PONG\r\n"
		}
		in := c.reader.(*input)
		if kept := cap(in.buf.B); kept > idleRead {
			t.Errorf("%s: %d bytes kept after a burst, want %d", name, kept, idleRead)
		}
		c.Release()
	}
}
