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
	ca := natstest.NewAuthority(t, "Relay CA")
	server := tls.Server(theirs, ca.Server(natstest.Soon(), "c1.fed"))
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
	r.gather()
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

func TestWritingOverTLSKeepsABufferOfOneWrite(t *testing.T) {
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
	if n := cap(c.records.buf); n > 2*gatherBytes {
		t.Errorf("a buffer of %d bytes is kept", n)
	}
	c.Close()
}
