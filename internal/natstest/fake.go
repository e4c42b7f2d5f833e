package natstest

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

const Info = `{"server_id":"FAKE","server_name":"fake","version":"2.10.0","proto":1,"headers":true,"max_payload":1048576,"nonce":"abcDEF123"}`

// Server hands every connection to serve, on its own goroutine, and closes it after that. Its
// address is returned.
func Server(t *testing.T, serve func(c *Conn)) string {
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
				serve(&Conn{Conn: conn, In: bufio.NewReader(conn)})
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

// Conn is the server's end of a connection.
type Conn struct {
	net.Conn
	In *bufio.Reader
}

func (c *Conn) Send(text string) { fmt.Fprint(c.Conn, text) }

// Welcome lets a client in and returns its CONNECT.
func (c *Conn) Welcome(info string) map[string]any {
	c.Send("INFO " + info + "\r\n")
	line, _ := c.In.ReadString('\n')
	var fields map[string]any
	if json.Unmarshal([]byte(strings.TrimPrefix(line, "CONNECT ")), &fields) != nil {
		return nil
	}
	c.In.ReadString('\n') // PING
	c.Send("PONG\r\n")
	return fields
}

// Drain answers pings until the client goes away.
func (c *Conn) Drain() {
	for {
		line, err := c.In.ReadString('\n')
		if err != nil {
			return
		}
		if strings.HasPrefix(line, "PING") {
			c.Send("PONG\r\n")
		}
	}
}

// Converse answers pings and hands all other lines to on, without the payloads behind them, until
// on says no more or the client goes away.
func (c *Conn) Converse(on func(line string) (more bool)) {
	for more := true; more; {
		line, err := c.In.ReadString('\n')
		if err != nil {
			return
		}
		if strings.HasPrefix(line, "PING") {
			c.Send("PONG\r\n")
			continue
		}
		if strings.HasPrefix(line, "PUB ") {
			fields := strings.Fields(line)
			size, _ := strconv.Atoi(fields[len(fields)-1])
			if _, err := c.In.Discard(size + len("\r\n")); err != nil {
				return
			}
		}
		more = on(line)
	}
}

// A subscriber is a client of a fake server that has subscribed.
type subscriber struct {
	*Conn
	SID string
}

// Msg is the frame of a message for it.
func (s subscriber) Msg(payload string) string {
	return fmt.Sprintf("MSG in %s %d\r\n%s\r\n", s.SID, len(payload), payload)
}

// Broker is a fake server that hands out its subscribers.
func Broker(t *testing.T) (address string, subscribers <-chan subscriber) {
	all := make(chan subscriber, 100)
	return Server(t, func(c *Conn) {
		c.Welcome(Info)
		c.Converse(func(line string) bool {
			if fields := strings.Fields(line); fields[0] == "SUB" {
				all <- subscriber{c, fields[len(fields)-1]}
			}
			return true
		})
	}), all
}

// Pipe makes connections without sockets to a server that serve plays. Its goroutines end with
// the connections.
func Pipe(serve func(c *Conn)) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			serve(&Conn{Conn: theirs, In: bufio.NewReader(theirs)})
		}()
		return ours, nil
	}
}
