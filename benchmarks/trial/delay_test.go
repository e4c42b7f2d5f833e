package trial

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"
)

// Everything arrives, in order and not too early. How late it may be depends on the machine.
func TestTheDelayLosesNothing(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(c, c)
			c.Close()
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	address, err := delayed(ctx, server.Addr().String(), 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sent, got := bytes.Repeat([]byte("all of it "), 100_000), make([]byte, 1_000_000)
	began := time.Now()
	go func() { _, _ = c.Write(sent) }()
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(sent, got) {
		t.Errorf("%v, and what came is what was sent: %t", err, bytes.Equal(sent, got))
	}
	if took := time.Since(began); took < 40*time.Millisecond {
		t.Errorf("there and back in %s", took)
	}
	cancel()
	if _, err := c.Read(got); err == nil {
		t.Error("still connected")
	}
}
