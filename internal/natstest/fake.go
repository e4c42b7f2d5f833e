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

// Info is what a fake server says about itself.
const Info = `{"server_id":"FAKE","server_name":"fake","version":"2.10.0","proto":1,"headers":true,"max_payload":1048576,"nonce":"abcDEF123"}`

// Server starts a fake server and returns its address. It calls serve for every connection, in a
// goroutine of its own, and closes the connection afterwards. Everything ends with the test.
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

// A Conn is the server's end of a connection.
type Conn struct {
	net.Conn
	In *bufio.Reader // what the client has sent
}

// Send writes text to the client, if that is still there.
func (c *Conn) Send(text string) { fmt.Fprint(c.Conn, text) }

// Welcome says INFO, lets the client in and returns the fields of its CONNECT.
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

// AnswerPings answers PINGs until the client goes away.
func (c *Conn) AnswerPings() {
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

// Converse answers PINGs and calls hear with all other lines, without the payloads behind them. It
// returns when hear does not want more, or when the client goes away.
func (c *Conn) Converse(hear func(line string) (more bool)) {
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
		more = hear(line)
	}
}

// A Subscriber is a subscription that a client has made at a fake server.
type Subscriber struct {
	*Conn
	SID string
}

// Msg returns the frame of a message for the subscription.
func (s Subscriber) Msg(payload string) string {
	return fmt.Sprintf("MSG in %s %d\r\n%s\r\n", s.SID, len(payload), payload)
}

// Broker starts a fake server that lets everybody in and tells of all subscriptions.
func Broker(t *testing.T) (address string, subscribers <-chan Subscriber) {
	all := make(chan Subscriber, 100)
	return Server(t, func(c *Conn) {
		c.Welcome(Info)
		c.Converse(func(line string) bool {
			if fields := strings.Fields(line); fields[0] == "SUB" {
				all <- Subscriber{c, fields[len(fields)-1]}
			}
			return true
		})
	}), all
}

// Pipe returns a dialer whose connections lead to serve without a socket. Its goroutines end with
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

// Wired returns the two ends of a connection over loopback TCP, which ends with the test.
func Wired(t *testing.T) (ours, theirs net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ours = Must(net.Dial("tcp", l.Addr().String()))
	theirs = Must(l.Accept())
	t.Cleanup(func() {
		ours.Close()
		theirs.Close()
	})
	return ours, theirs
}
