package natsio

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

// Where docs/adr/0009 has its figures from: the same copies with the payload behind each line, or
// once for the kernel to gather, over a loopback connection whose other end reads. Time on the
// processor of the writing thread is what counts: the reader is the same for both.
func BenchmarkWriteCopies(b *testing.B) {
	for _, size := range []int{1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 32 << 10} {
		for name, share := range map[string]int{"laid": 64 << 10, "shared": 1} {
			b.Run(fmt.Sprintf("bytes=%d/%s", size, name), func(b *testing.B) { benchWrite(b, size, share) })
		}
	}
}

func benchWrite(b *testing.B, size, share int) {
	conn := discard(b, func(conn net.Conn) net.Conn { return conn })
	benchCopies(b, greetedWire(b.Context(), conn, socket.Security{}), size, share)
}

// The same over TLS, where the other end decrypts, on other threads.
func BenchmarkWriteCopiesOverTLS(b *testing.B) {
	for _, size := range []int{200, 1 << 10, 4 << 10, 12_000, 32 << 10} {
		for name, share := range map[string]int{"laid": 64 << 10, "shared": 1} {
			b.Run(fmt.Sprintf("bytes=%d/%s", size, name), func(b *testing.B) { benchWriteTLS(b, size, share) })
		}
	}
}

func benchWriteTLS(b *testing.B, size, share int) {
	ca := natstest.NewAuthority(b, "Relay CA")
	secured := ca.Server(natstest.Soon(), "c1.fed")
	raw := &countingConn{Conn: discard(b, func(conn net.Conn) net.Conn { return tls.Server(conn, secured) })}
	c := greetedWire(b.Context(), raw, socket.Security{Config: &tls.Config{RootCAs: ca.Pool()}, First: true})
	benchCopies(b, c, size, share)
	b.ReportMetric(float64(raw.writes.Load())/float64(b.N), "calls/op")
}

func benchCopies(b *testing.B, c *socket.Framed, size, share int) {
	g := gather{share: share}
	copies := 400 << 10 / size
	b.SetBytes(int64(copies * size))
	withEgress(b, size, copies, func(e *pipeline.Egress) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		began := threadTime(b)
		for b.Loop() {
			for at := (cursor{}); !at.end(e); at.advance(e, len(g.begins)) {
				g.reset()
				if err := g.add(e, at, math.MaxInt); err != nil {
					b.Fatal(err)
				}
				g.rest = g.vec
				if _, _, err := c.WriteFrames(&g.rest, g.bytes, nil); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(threadTime(b)-began)/float64(b.N*copies), "cpu-ns/copy")
	})
}

// threadTime is how long this thread has been on a processor.
func threadTime(tb testing.TB) time.Duration {
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &use); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// An egressTap shows what a pipeline makes of one request.
type egressTap struct {
	message, payload string
	pool             pool.Pool
	ledger           pipeline.Ledger
	show             func(e *pipeline.Egress)
}

// withEgress calls show with one payload of size bytes for so many subjects.
func withEgress(tb testing.TB, size, copies int, show func(*pipeline.Egress)) {
	tb.Helper()
	tap := &egressTap{
		message: `{"protocol":"choria:transport:1","data":"","headers":{"federation":{"target":["` +
			strings.Join(serials("mcollective.node.n", copies), `","`) + `"]}}}`,
		payload: strings.Repeat("p", size),
		show:    show,
	}
	pipeline.New(pipeline.Config{
		Source: tap, Publishers: []pipeline.Publisher{tap}, Ledger: &tap.ledger, Pool: &tap.pool,
		Rules: pipeline.Rules{Router: tap, Limits: wire.Limits{Depth: 16, Targets: 100_000}}, DecodeWorkers: 1, Depth: 1,
	}).Run(tb.Context())
}

func (tap *egressTap) Run(_ context.Context, line pipeline.Line) {
	b := pipeline.NewBatch()
	b.Buffer = tap.pool.Get(len(tap.message))
	b.Add("", []byte(tap.message))
	line.Take(b)
}

func (tap *egressTap) Route(r *pipeline.Route) wire.Reason {
	r.Subjects = append(r.Subjects, r.Targets...)
	return wire.OK
}

func (tap *egressTap) Append(dst []byte, _ *pipeline.Route) ([]byte, wire.Reason) {
	return append(dst, tap.payload...), wire.OK
}

func (tap *egressTap) Publish(e *pipeline.Egress) { tap.show(e) }

func (tap *egressTap) Prompt(int) bool { return true }

// discard returns a connection to somebody who reads over what over returns, and forgets.
func discard(b *testing.B, over func(net.Conn) net.Conn) net.Conn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	reader, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		above := over(reader)
		io.WriteString(above, greetingOf(largestPayload))
		io.Copy(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{above})
	}()
	b.Cleanup(func() { conn.Close() })
	return conn
}
