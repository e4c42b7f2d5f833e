package natsio

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const plainINFO = `{"server_id":"FAKE","server_name":"fake","version":"2.10.0","proto":1,"headers":true,"max_payload":1048576,"nonce":"abcDEF123"}`

// fakeServer hands every connection to serve, on its own goroutine, and closes it after that. Its address is returned.
func fakeServer(t *testing.T, serve func(c *fakeConn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				stop := context.AfterFunc(ctx, func() { conn.Close() })
				defer stop()
				defer conn.Close()
				serve(&fakeConn{Conn: conn, in: bufio.NewReader(conn)})
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		ln.Close()
		wg.Wait()
	})
	return ln.Addr().String()
}

// fakeConn is the server's end of a connection.
type fakeConn struct {
	net.Conn
	in *bufio.Reader
}

func (c *fakeConn) send(text string) { fmt.Fprint(c.Conn, text) }

// welcome lets a client in and returns its CONNECT.
func (c *fakeConn) welcome(info string) map[string]any {
	c.send("INFO " + info + "\r\n")
	line, _ := c.in.ReadString('\n')
	var fields map[string]any
	if json.Unmarshal([]byte(strings.TrimPrefix(line, "CONNECT ")), &fields) != nil {
		return nil
	}
	c.in.ReadString('\n') // PING
	c.send("PONG\r\n")
	return fields
}

// drain answers pings until the client goes away.
func (c *fakeConn) drain() {
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return
		}
		if strings.HasPrefix(line, "PING") {
			c.send("PONG\r\n")
		}
	}
}

// converse answers pings and hands all other lines to on, without the payloads behind them, until on says no more or the
// client goes away.
func (c *fakeConn) converse(on func(line string) (more bool)) {
	for more := true; more; {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return
		}
		if strings.HasPrefix(line, "PING") {
			c.send("PONG\r\n")
			continue
		}
		if strings.HasPrefix(line, "PUB ") {
			fields := strings.Fields(line)
			size, _ := strconv.Atoi(fields[len(fields)-1])
			if _, err := c.in.Discard(size + len("\r\n")); err != nil {
				return
			}
		}
		more = on(line)
	}
}

// A subscriber is a client of a fake server that has subscribed.
type subscriber struct {
	*fakeConn
	sid string
}

// msg is the frame of a message for it.
func (s subscriber) msg(payload string) string {
	return fmt.Sprintf("MSG in %s %d\r\n%s\r\n", s.sid, len(payload), payload)
}

// fakeBroker is a fake server that hands out its subscribers.
func fakeBroker(t *testing.T) (address string, subscribers <-chan subscriber) {
	all := make(chan subscriber, 100)
	return fakeServer(t, func(c *fakeConn) {
		c.welcome(plainINFO)
		c.converse(func(line string) bool {
			if fields := strings.Fields(line); fields[0] == "SUB" {
				all <- subscriber{c, fields[len(fields)-1]}
			}
			return true
		})
	}), all
}

// pipeDial makes connections without sockets to a server that serve plays. Its goroutines end with the connections.
func pipeDial(serve func(c *fakeConn)) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			serve(&fakeConn{Conn: theirs, in: bufio.NewReader(theirs)})
		}()
		return ours, nil
	}
}
