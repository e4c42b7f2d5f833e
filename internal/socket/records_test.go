package socket

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

// secured is a framed connection over TLS, logged in, whose raw connections are given, and the
// server's end above TLS. The handshake is done.
func secured(t *testing.T, ours, theirs net.Conn) (*Framed, *tls.Conn) {
	t.Helper()
	return securedBy(t, tls.VersionTLS13, ours, theirs)
}

// securedBy is secured by a version of TLS.
func securedBy(t *testing.T, version uint16, ours, theirs net.Conn) (*Framed, *tls.Conn) {
	t.Helper()
	ca := natstest.NewAuthority(t, "Relay CA")
	config := ca.Server(natstest.Soon(), "c1.fed")
	config.MaxVersion = version
	server := tls.Server(theirs, config)
	c := NewFramed(ours)
	done := make(chan error, 1)
	go func() { done <- server.Handshake() }()
	sec := Security{Config: &tls.Config{RootCAs: ca.Pool(), ServerName: "c1.fed"}}
	if err := c.handshake(t.Context(), natstest.Must(url.Parse("nats://c1.fed:4222")), sec); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	c.EndLogin()
	return c, server
}

// A goodbye must not come behind a hole, and must not wait for a socket that is stuck.
func TestNothingIsWrittenBehindAFailedWrite(t *testing.T) {
	var taken [][]byte
	fails := true
	r := &recordConn{wrote: func(int) {}}
	r.push = func(p []byte) (int, error) {
		if fails {
			fails = false
			return len(p) / 2, os.ErrDeadlineExceeded
		}
		taken = append(taken, bytes.Clone(p))
		return len(p), nil
	}
	r.gather(100)
	if _, err := r.Write([]byte("frames")); err != nil {
		t.Fatal(err)
	}
	if err := r.flush(); err == nil {
		t.Error("flushed through a failed write")
	}
	if _, err := r.Write([]byte("goodbye")); err == nil || len(taken) > 0 {
		t.Errorf("%v, %q written behind the hole", err, taken)
	}
}

func TestClosingDoesNotWaitForAStuckSocketOverTLS(t *testing.T) {
	natstest.Bubble(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c, _ := secured(t, ours, theirs)
		written := make(chan error)
		go func() {
			_, err := c.write([]byte("PUB a 0\r\n\r\n"))
			written <- err
		}()
		natstest.Pass(time.Second)
		began := time.Now()
		c.Close()
		if err := <-written; err == nil || time.Since(began) > 0 {
			t.Errorf("%v, after %s", err, time.Since(began))
		}
	})
}

func TestAnIdleConnectionOverTLSKeepsNoRecords(t *testing.T) {
	ours, theirs := net.Pipe()
	c, server := secured(t, ours, theirs)
	go io.Copy(io.Discard, server)
	for range 50 {
		frame := make([]byte, 12_000)
		vec := make(net.Buffers, 22)
		for i := range vec {
			vec[i] = frame
		}
		if _, _, err := c.WriteFrames(&vec, len(vec)*len(frame), nil); err != nil {
			t.Fatal(err)
		}
	}
	if kept := c.records.buf; kept != nil {
		t.Errorf("a buffer of %d bytes is kept", cap(*kept))
	}
	c.Close()
}

// A line before a payload of 12 kB was a record of its own.
func TestSmallPiecesShareRecords(t *testing.T) {
	near, theirs := net.Pipe()
	ours := &heldConn{Conn: near}
	c, _ := secured(t, ours, theirs)
	ours.holding = true
	vec, size := net.Buffers{}, 0
	for range 20 {
		vec = append(vec, []byte("PUB some.subject 12000\r\n"), make([]byte, 12_000), nil, []byte("\r\n"))
		size += 24 + 12_000 + 2
	}
	vec = append(vec, make([]byte, 100_000))
	if n, _, err := c.WriteFrames(&vec, size+100_000, nil); n != size+100_000 || err != nil || len(vec) > 0 {
		t.Fatal(n, err, vec)
	}
	full, other := 0, 0
	for rest := ours.held; len(rest) > 0; rest = rest[recordSize(rest):] {
		if recordSize(rest) > 16<<10 {
			full++
		} else {
			other++
		}
	}
	if full != (size+100_000)>>14 || other != 1 {
		t.Errorf("%d full records and %d others for %d bytes", full, other, size+100_000)
	}
	c.Cut()
}
