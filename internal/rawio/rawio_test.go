package rawio

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// each runs a test on a connection as New makes it, and on one that uses the methods of package
// net. theirs is the other end.
func each(t *testing.T, test func(t *testing.T, ours *Conn, theirs *net.TCPConn)) {
	for name, wrap := range map[string]func(net.Conn) *Conn{
		"raw":   New,
		"plain": func(conn net.Conn) *Conn { return &Conn{Conn: conn} },
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := wired(t)
			test(t, wrap(ours), theirs)
		})
	}
}

// wired returns both ends of a TCP connection, which the end of the test closes. Little fits in.
func wired(tb testing.TB) (ours, theirs *net.TCPConn) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	succeeds(tb, err)
	defer l.Close()
	dialed, err := net.Dial("tcp", l.Addr().String())
	succeeds(tb, err)
	accepted, err := l.Accept()
	succeeds(tb, err)
	tb.Cleanup(func() {
		dialed.Close()
		accepted.Close()
	})
	ours, theirs = dialed.(*net.TCPConn), accepted.(*net.TCPConn)
	succeeds(tb, ours.SetWriteBuffer(128<<10))
	succeeds(tb, theirs.SetReadBuffer(128<<10))
	return ours, theirs
}

func succeeds(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// split cuts b into so many pieces, with an empty one now and then.
func split(b []byte, pieces int) (all net.Buffers) {
	for size := (len(b) + pieces - 1) / pieces; len(b) > 0; b = b[min(size, len(b)):] {
		if len(all)%7 == 3 {
			all = append(all, nil)
		}
		all = append(all, b[:min(size, len(b))])
	}
	return append(all, nil)
}

// writers write all of b and return how much of it was written.
var writers = map[string]func(c *Conn, b []byte) (int, error){
	"write":       func(c *Conn, b []byte) (int, error) { return c.Write(b) },
	"3 pieces":    func(c *Conn, b []byte) (int, error) { return writePieces(c, b, 3) },
	"5000 pieces": func(c *Conn, b []byte) (int, error) { return writePieces(c, b, 5000) },
}

// writePieces writes b in pieces. What it leaves must be what is not written.
func writePieces(c *Conn, b []byte, pieces int) (int, error) {
	rest := split(b, pieces)
	n, err := c.Writev(&rest)
	if left := bytes.Join(rest, nil); n > len(b) || !bytes.Equal(left, b[n:]) || err == nil && len(rest) > 0 {
		return n, errors.Join(err, errors.New("the rest is not what was not written"))
	}
	return n, err
}

func TestOtherConnectionsAreNotRaw(t *testing.T) {
	wrapped, _ := wired(t)
	if New(struct{ *net.TCPConn }{wrapped}).Raw() {
		t.Error("goes past what wraps a connection")
	}
	one, other := net.Pipe()
	c := New(one)
	go func() {
		io.ReadFull(other, make([]byte, 2))
		other.Write([]byte("c"))
		other.Close()
	}()
	pieces := net.Buffers{[]byte("a"), []byte("b")}
	n, err := c.Writev(&pieces)
	got := make([]byte, 1)
	k, readErr := c.Read(got)
	if c.Raw() || n != 2 || err != nil || k != 1 || readErr != nil {
		t.Errorf("a pipe: %d, %v; %d, %v", n, err, k, readErr)
	}
	c.Close()
}

func TestLargeWritesReachASlowReader(t *testing.T) {
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, ours *Conn, theirs *net.TCPConn) {
				sent := noise(5 << 20)
				sum := make(chan [sha256.Size]byte)
				go func() {
					all, _ := io.ReadAll(reluctant{theirs})
					sum <- sha256.Sum256(all)
				}()
				n, err := write(ours, sent)
				ours.Close()
				if got := <-sum; n != len(sent) || err != nil || got != sha256.Sum256(sent) {
					t.Errorf("%d of %d written: %v", n, len(sent), err)
				}
			})
		})
	}
}

// reluctant lets others run before each read, which brings little.
type reluctant struct{ io.Reader }

func (r reluctant) Read(p []byte) (int, error) {
	runtime.Gosched()
	return r.Reader.Read(p[:min(len(p), 30_000)])
}

func TestReadingBringsWhatWasSent(t *testing.T) {
	each(t, func(t *testing.T, ours *Conn, theirs *net.TCPConn) {
		sent := noise(5 << 20)
		go func() {
			for rest := sent; len(rest) > 0; rest = rest[min(99_999, len(rest)):] {
				theirs.Write(rest[:min(99_999, len(rest))])
				runtime.Gosched()
			}
			theirs.Close()
		}()
		got, err := io.ReadAll(ours)
		if !bytes.Equal(got, sent) || err != nil {
			t.Errorf("%d of %d: %v", len(got), len(sent), err)
		}
		if n, err := ours.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("behind the end: %d, %v", n, err)
		}
	})
}

func TestNothingIsReadOrWrittenAtOnce(t *testing.T) {
	each(t, func(t *testing.T, ours *Conn, _ *net.TCPConn) {
		empty := net.Buffers{nil, {}}
		n, err := ours.Writev(&empty)
		if n != 0 || err != nil {
			t.Errorf("writev: %d, %v", n, err)
		}
		if n, err := ours.Writev(new(net.Buffers)); n != 0 || err != nil {
			t.Errorf("writev of no pieces: %d, %v", n, err)
		}
		if n, err := ours.Read(nil); n != 0 || err != nil {
			t.Errorf("read: %d, %v", n, err)
		}
		want, wantErr := ours.Conn.Write(nil)
		if n, err := ours.Write(nil); n != want || (err == nil) != (wantErr == nil) {
			t.Errorf("write: %d, %v", n, err)
		}
	})
}

// wantError checks an error of an operation against what package net would return.
func wantError(t *testing.T, err error, op string, why error) {
	t.Helper()
	var e *net.OpError
	if !errors.As(err, &e) || e.Op != op || e.Net != "tcp" || e.Source == nil || e.Addr == nil || !errors.Is(err, why) {
		t.Errorf("%#v (%v), want %s: %v", err, err, op, why)
	}
}

func TestADeadlineEndsAWriteWithTheExactCount(t *testing.T) {
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, ours *Conn, theirs *net.TCPConn) {
				sent := noise(4 << 20)
				succeeds(t, ours.SetWriteDeadline(time.Now().Add(100*time.Millisecond)))
				n, err := write(ours, sent)
				wantError(t, err, opOf(name), os.ErrDeadlineExceeded)
				if e, ok := err.(net.Error); !ok || !e.Timeout() {
					t.Errorf("%v is no timeout", err)
				}
				again, err := write(ours, sent[n:])
				wantError(t, err, opOf(name), os.ErrDeadlineExceeded)
				if again != 0 {
					t.Errorf("%d bytes written behind a deadline", again)
				}
				rest := make(chan error, 1)
				succeeds(t, ours.SetWriteDeadline(time.Time{}))
				go func() {
					_, err := write(ours, sent[n:])
					ours.Close()
					rest <- err
				}()
				if got, err := io.ReadAll(theirs); err != nil || !bytes.Equal(got, sent) {
					t.Errorf("%d bytes arrived of %d, %d before the deadline: %v", len(got), len(sent), n, err)
				}
				if err := <-rest; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func opOf(writer string) string {
	if writer == "write" {
		return "write"
	}
	return "writev"
}

func TestADeadlineEndsARead(t *testing.T) {
	each(t, func(t *testing.T, ours *Conn, theirs *net.TCPConn) {
		p := make([]byte, 10)
		succeeds(t, ours.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
		n, err := ours.Read(p)
		wantError(t, err, "read", os.ErrDeadlineExceeded)
		theirs.Write([]byte("late"))
		succeeds(t, ours.SetReadDeadline(time.Now().Add(-time.Second)))
		m, err := ours.Read(p)
		wantError(t, err, "read", os.ErrDeadlineExceeded)
		succeeds(t, ours.SetReadDeadline(time.Time{}))
		k, err := ours.Read(p)
		if n != 0 || m != 0 || string(p[:k]) != "late" || err != nil {
			t.Errorf("%d, %d, %q, %v", n, m, p[:k], err)
		}
	})
}

// A deadline that is set while a call blocks ends that call: this is how a dialer gives up.
func TestADeadlineSetMeanwhileEndsABlockedCall(t *testing.T) {
	each(t, func(t *testing.T, ours *Conn, _ *net.TCPConn) {
		blocked := whileBlocked(ours, func() { ours.SetDeadline(time.Now()) })
		wantError(t, <-blocked, "read", os.ErrDeadlineExceeded)
	})
}

// whileBlocked reads, and calls do when the reader has begun. It returns the error of the read.
func whileBlocked(c *Conn, do func()) <-chan error {
	began, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		close(began)
		_, err := c.Read(make([]byte, 1))
		ended <- err
	}()
	<-began
	for range 10 {
		runtime.Gosched()
	}
	do()
	return ended
}

func TestClosingEndsBlockedCalls(t *testing.T) {
	each(t, func(t *testing.T, ours *Conn, _ *net.TCPConn) {
		wantError(t, <-whileBlocked(ours, func() { ours.Close() }), "read", net.ErrClosed)
		_, err := ours.Read(make([]byte, 1))
		wantError(t, err, "read", net.ErrClosed)
	})
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, ours *Conn, theirs *net.TCPConn) {
				closing := time.AfterFunc(50*time.Millisecond, func() { ours.Close() })
				defer closing.Stop()
				n, err := write(ours, noise(4<<20))
				wantError(t, err, opOf(name), net.ErrClosed)
				got, _ := io.ReadAll(theirs)
				if len(got) != n {
					t.Errorf("%d written, %d arrived", n, len(got))
				}
				_, err = write(ours, noise(10))
				wantError(t, err, opOf(name), net.ErrClosed)
			})
		})
	}
}

func TestAResetIsNamed(t *testing.T) {
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, ours *Conn, theirs *net.TCPConn) {
				succeeds(t, theirs.SetLinger(0))
				succeeds(t, theirs.Close())
				_, err := ours.Read(make([]byte, 1))
				wantError(t, err, "read", syscall.ECONNRESET)
				var call *os.SyscallError
				if !errors.As(err, &call) || call.Syscall != "read" {
					t.Errorf("%#v", err)
				}
				n, err := write(ours, noise(100_000))
				wantError(t, err, opOf(name), syscall.EPIPE)
				if n != 0 || !errors.As(err, &call) || call.Syscall != opOf(name) {
					t.Errorf("%d, %#v", n, err)
				}
			})
		})
	}
}

// Both directions at once: neither may touch what belongs to the other.
func TestReadingAndWritingDoNotMeet(t *testing.T) {
	each(t, func(t *testing.T, ours *Conn, theirs *net.TCPConn) {
		sent := noise(5 << 20)
		go func() {
			io.Copy(struct{ io.Writer }{theirs}, struct{ io.Reader }{theirs})
			theirs.Close()
		}()
		written := make(chan error)
		go func() {
			_, err := writePieces(ours, sent, 2000)
			written <- errors.Join(err, ours.Conn.(*net.TCPConn).CloseWrite())
		}()
		got, err := io.ReadAll(ours)
		if !bytes.Equal(got, sent) || err != nil {
			t.Errorf("%d bytes of %d came back: %v", len(got), len(sent), err)
		}
		succeeds(t, <-written)
	})
}

func TestNoCallAllocates(t *testing.T) {
	each(t, func(t *testing.T, ours *Conn, theirs *net.TCPConn) {
		go func() {
			io.Copy(struct{ io.Writer }{theirs}, struct{ io.Reader }{theirs})
			theirs.Close()
		}()
		p, piece := make([]byte, 1000), make([]byte, 10)
		vec := make(net.Buffers, 50)
		rest := new(net.Buffers)
		n := testing.AllocsPerRun(200, func() {
			for i := range vec {
				vec[i] = piece
			}
			*rest = vec
			_, errv := ours.Writev(rest)
			_, err := ours.Write(p[:500])
			_, readErr := io.ReadFull(ours, p)
			if err := errors.Join(err, errv, readErr); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%v allocations", n)
		}
		ours.Close()
	})
}
