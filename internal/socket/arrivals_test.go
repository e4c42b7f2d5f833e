package socket

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

// record returns a TLS record of a type with this content, as it would be without encryption.
func record(kind byte, content string) string {
	return string([]byte{kind, 3, 3, byte(len(content) >> 8), byte(len(content))}) + content
}

const (
	kindData  = 23
	kindOther = 22 // such as a session ticket
)

// openTLS is TLS without encryption: data records carry plain text, others are for TLS itself.
type openTLS struct {
	net.Conn
	rest string
	err  error
}

func (c *openTLS) Read(p []byte) (int, error) {
	for c.rest == "" && c.err == nil {
		var head [recordHeader]byte
		if _, err := io.ReadFull(c.Conn, head[:]); err != nil {
			c.stay(err)
			return 0, err
		}
		content := make([]byte, recordSize(head[:])-recordHeader)
		if _, err := io.ReadFull(c.Conn, content); err != nil {
			c.stay(err)
			return 0, err
		}
		if head[0] == kindData {
			c.rest = string(content)
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, c.err
}

// stay keeps errors that are not temporary, as a tls.Conn does.
func (c *openTLS) stay(err error) {
	var e net.Error
	if !errors.As(err, &e) || !e.Timeout() {
		c.err = err
	}
}

// overOpenTLS is a framed connection whose socket is conn, over openTLS.
func overOpenTLS(conn net.Conn, r Receiver) *Framed {
	c := framedConn(conn, r)
	c.records = &recordConn{Conn: conn, arrivals: arrivals{conn: conn, came: func(int) {}}}
	c.Conn.Conn = &openTLS{Conn: c.records}
	return c
}

func TestAStreamIsTakenApartHoweverItsRecordsAreCut(t *testing.T) {
	sent, want := allPieces()
	for size := 1; size <= len(sent); size += 7 {
		var stream strings.Builder
		for rest := sent; rest != ""; rest = rest[min(size, len(rest)):] {
			stream.WriteString(record(kindData, rest[:min(size, len(rest))]) + record(kindOther, "ticket"))
		}
		for _, read := range []int{1, 4, 5, 6, 100, 1 << 20} {
			var s sink
			c := overOpenTLS(&cutConn{data: stream.String(), size: read}, &s)
			for _, pong := range []func(){func() {}, nil, func() {}} {
				c.input.pings.push(pong, 0)
			}
			foreign, err := io.ReadAll(eofToo{c})
			c.Release()
			got := outcome{s.messages, string(foreign), err, s.headers, c.input.violations.Load(), s.pool.InUse()}
			if !got.same(want) || got.lent != 0 {
				t.Fatalf("records of %d in reads of %d: %+v\nwant %+v", size, read, got, want)
			}
		}
	}
}

// All that has come is one batch, and a record that is for TLS, or has not come to its end, does
// not hold up what stands before it.
func TestAllRecordsThatHaveComeAreOneBatch(t *testing.T) {
	const message = "MSG in f1 5\r\nhello\r\n"
	many := strings.Repeat(record(kindData, message), 100)
	for name, behind := range map[string]string{
		"nothing": "", "a ticket": record(kindOther, "ticket"), "a header": record(kindData, message)[:recordHeader],
		"half a header": "\x17\x03", "half a record": record(kindData, message)[:12],
		"a ticket, half a record": record(kindOther, "ticket") + record(kindData, message)[:12],
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := net.Pipe()
			var s sink
			delivered := make(chan int, 100)
			c := overOpenTLS(ours, &onDeliver{&s, func() { delivered <- len(s.messages) }})
			done := make(chan struct{})
			go func() {
				io.ReadAll(c)
				c.Release()
				close(done)
			}()
			io.WriteString(theirs, many+behind)
			if n := <-delivered; n != 100 {
				t.Errorf("%d messages at once", n)
			}
			theirs.Close()
			<-done
		})
	}
}

// The real thing: TLS goes on after it was told that no complete record has come.
func TestTLSGoesOnAfterAnIncompleteRecord(t *testing.T) {
	ours, theirs := net.Pipe()
	held := &heldConn{Conn: theirs}
	c, server := secured(t, ours, held)
	said := make(chan []byte)
	go func() {
		held.holding = true
		server.Write([]byte("one"))
		first := len(held.held)
		server.Write([]byte("two"))
		theirs.Write(held.held[:first+7])
		<-said
		theirs.Write(held.held[first+7:])
	}()
	p := make([]byte, 100)
	n, err := c.decrypt(p)
	if string(p[:n]) != "one" || err != nil {
		t.Fatalf("%q, %v", p[:n], err)
	}
	in := &c.records.arrivals
	in.wholeOnly = true
	if n, err := c.Conn.Conn.Read(p); n != 0 || err != errNotWhole {
		t.Errorf("half a record: %d, %v", n, err)
	}
	in.wholeOnly = false
	close(said)
	if n, err := c.decrypt(p); string(p[:n]) != "two" || err != nil {
		t.Errorf("%q, %v", p[:n], err)
	}
	c.Cut()
}

// What ends TLS must not take along what came before it, and ends every later read, too.
func TestTheEndOfTLSComesBehindTheData(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for name, behind := range map[string]string{
			"a goodbye": "", "a forged record": record(kindData, strings.Repeat("x", 40)), "an empty record": record(kindData, ""),
			"a record of 65,535 bytes": "\x17\x03\x03\xff\xff", "no TLS": "-ERR 'Authorization Violation'\r\n",
		} {
			t.Run(tls.VersionName(version)+" "+name, func(t *testing.T) {
				ours, theirs := net.Pipe()
				held := &heldConn{Conn: theirs}
				c, server := securedBy(t, version, ours, held)
				held.holding = true
				server.Write([]byte("one"))
				server.Write([]byte("two"))
				if behind == "" {
					server.CloseWrite() // which sets a deadline
					natstest.Succeeds(t, theirs.SetWriteDeadline(time.Time{}))
				}
				go io.Copy(io.Discard, theirs) // TLS says why it gives up
				go theirs.Write(append(held.held, behind...))
				p := make([]byte, 100)
				if n, err := c.decrypt(p); string(p[:n]) != "onetwo" || err != nil {
					t.Errorf("%q, %v", p[:n], err)
				}
				for range 2 {
					if n, err := c.decrypt(p); n != 0 || err == nil || err == errNotWhole {
						t.Errorf("%q, %v", p[:n], err)
					}
				}
				c.Cut()
			})
		}
	}
}

// A server that cannot be greeted leaves no buffer behind.
func TestAFailedGreetingGivesBackItsMemory(t *testing.T) {
	for name, sec := range map[string]Security{
		"handshake":            {Config: &tls.Config{ServerName: "c2.fed"}, First: true},
		"greeting behind TLS":  {Config: &tls.Config{ServerName: "c1.fed"}, First: true},
		"handshake, not first": {Config: &tls.Config{ServerName: "c2.fed"}, Want: true},
	} {
		t.Run(name, func(t *testing.T) {
			ca := natstest.NewAuthority(t, "Relay CA")
			ours, theirs := net.Pipe()
			sec.Config.RootCAs = ca.Pool()
			lent := idleBuffers.InUse()
			go func() {
				defer theirs.Close()
				if !sec.First {
					io.WriteString(theirs, "INFO {\"tls_required\":true}\r\n")
				}
				server := tls.Server(theirs, ca.Server(natstest.Soon(), "c1.fed"))
				io.WriteString(server, "no greeting\r\n")
				io.ReadAll(server)
			}()
			c := NewFramed(ours)
			if err := c.Greet(t.Context(), natstest.Must(url.Parse("nats://c1.fed:4222")), sec); err == nil {
				t.Error("greeted")
			}
			if n := idleBuffers.InUse() - lent; n != 0 {
				t.Errorf("%d buffers are kept", n)
			}
			ours.Close()
		})
	}
}

// A heldConn keeps what is written to it.
type heldConn struct {
	net.Conn
	holding bool
	held    []byte
}

func (c *heldConn) Write(p []byte) (int, error) {
	if !c.holding {
		return c.Conn.Write(p)
	}
	c.held = append(c.held, p...)
	return len(p), nil
}

// A large record that trickles in shows that the server is there, before any of it can be read.
func TestPartsOfARecordAreProgress(t *testing.T) {
	ours, theirs := net.Pipe()
	held := &heldConn{Conn: theirs}
	c, server := secured(t, ours, held)
	go func() {
		io.ReadAll(c)
		c.Release()
	}()
	held.holding = true
	server.Write(bytes.Repeat([]byte("+OK\r\n"), 3000))
	before := c.progress.Load()
	for rest := held.held; len(rest) > 1000; rest = rest[1000:] {
		theirs.Write(rest[:1000])
	}
	natstest.Eventually(t, "progress", func() bool { return c.progress.Load() >= before+14 })
	held.held = nil
	server.Write([]byte(ping))
	if n := len(held.held); n > pingRecord {
		t.Errorf("a PING makes a record of %d bytes", n)
	}
	c.Cut()
	<-c.freed
}

func TestAQuietConnectionOverTLSKeepsLittle(t *testing.T) {
	network := &cutConn{size: 1 << 20, data: strings.Repeat(record(kindData, strings.Repeat("+OK\r\n", 2000)), 50)}
	c := overOpenTLS(network, nil)
	p := make([]byte, 32<<10)
	for range 3 {
		for network.data != "" || len(c.input.rest())+len(c.records.arrivals.rest()) > 0 {
			if _, err := c.Read(p); err != nil {
				t.Fatal(err)
			}
		}
		network.data = record(kindData, "PONG\r\n")
	}
	if kept := cap(c.records.arrivals.buf.B); kept > idleRead {
		t.Errorf("%d bytes kept after a burst", kept)
	}
	c.Release()
	if c.records.arrivals.buf != nil {
		t.Error("a buffer is kept after the end")
	}
}

// TLS gets all bytes, and never those of two records at once. While it may not wait, nothing is
// read from the socket.
func FuzzArrivals(f *testing.F) {
	f.Add([]byte(record(kindData, "hello")+record(kindOther, "")+"\x17"), uint16(3), uint16(2))
	f.Fuzz(func(t *testing.T, stream []byte, size, into uint16) {
		network := &cutConn{data: string(stream), size: int(size) + 1}
		a := arrivals{conn: network, came: func(int) {}}
		p := make([]byte, int(into)+1)
		var got []byte
		end := 0 // of the record at hand
		for {
			a.wholeOnly = a.wholeOnly && a.left > 0 || len(got) == end && len(got)%2 == 0
			before := len(network.data)
			n, err := a.Read(p)
			if a.wholeOnly && len(network.data) != before {
				t.Fatal("read from the socket although it may wait")
			}
			if err == errNotWhole {
				a.wholeOnly = false
				n, err = a.Read(p)
			}
			if err != nil {
				break
			}
			if len(got) == end {
				end += recordSize(stream[end:])
			}
			if got = append(got, p[:n]...); len(got) > end {
				t.Fatalf("%d bytes, the record ends at %d", len(got), end)
			}
		}
		if lost := len(stream) - len(got); !bytes.HasPrefix(stream, got) || lost >= recordHeader {
			t.Fatalf("%d bytes of %d", len(got), len(stream))
		}
		a.release()
	})
}

// A server writes records of 512 bytes, and each was a batch: 5,080 for these messages.
func TestSmallRecordsMakeFewBatches(t *testing.T) {
	ours, theirs := net.Pipe()
	held := &heldConn{Conn: theirs}
	c, server := secured(t, ours, held)
	var s sink
	batches := 0
	c.Receive(&onDeliver{&s, func() { batches++ }})
	held.holding = true
	const messages = 20_000
	stream := strings.Repeat("MSG mcollective.reply f1 100\r\n"+strings.Repeat("x", 100)+"\r\n", messages)
	for rest := stream; rest != ""; rest = rest[min(512, len(rest)):] {
		io.WriteString(server, rest[:min(512, len(rest))])
	}
	go func() {
		theirs.Write(held.held)
		theirs.Close()
	}()
	io.ReadAll(c)
	if len(s.messages) != messages || batches > 100 {
		t.Errorf("%d messages in %d batches", len(s.messages), batches)
	}
	c.Release()
}
