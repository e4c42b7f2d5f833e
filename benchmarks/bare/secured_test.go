package bare

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	certified "github.com/fedrelay/fedrelay/benchmarks/secure"
)

// certificates returns the configurations of both ends.
func certificates(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	files, err := certified.Make(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server, err1 := certified.Server(files.Cert, files.Key)
	client, err2 := certified.Client(files.CA)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return server, client
}

// A gatherer keeps what TLS writes until it is let go.
type gatherer struct {
	net.Conn
	on   bool
	kept []byte
}

func (g *gatherer) Write(b []byte) (int, error) {
	if !g.on {
		return g.Conn.Write(b)
	}
	g.kept = append(g.kept, b...)
	return len(b), nil
}

// serve is one connection of a server: it greets, begins TLS, and answers the client's hello. Then
// do goes on.
func serve(t *testing.T, config *tls.Config, do func(c *tls.Conn, below *gatherer)) Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-ended })
	go func() {
		defer close(ended)
		raw, err := l.Accept()
		if err != nil {
			return
		}
		defer raw.Close()
		_, _ = io.WriteString(raw, `INFO {"tls_required":true}`+"\r\n")
		below := &gatherer{Conn: raw}
		c := tls.Server(below, config)
		hello := bufio.NewScanner(c)
		for hello.Scan() && hello.Text() != "PING" {
		}
		_, _ = io.WriteString(c, "PONG\r\n")
		do(c, below)
	}()
	return Server{Address: l.Addr().String()}
}

// Servers write small records. What has come is taken together: idle is not called for each.
func TestAllRecordsThatHaveComeAreReadAtOnce(t *testing.T) {
	server, client := certificates(t)
	const records = 100
	to := serve(t, server, func(c *tls.Conn, below *gatherer) {
		_, _ = c.Read(make([]byte, 100))
		below.on = true
		for range records {
			_, _ = io.WriteString(c, "MSG a.b 7 5\r\nhel")
			_, _ = io.WriteString(c, "lo\r\n")
		}
		_, _ = below.Conn.Write(below.kept)
	})
	to.TLS = client
	c, err := Dial(t.Context(), to, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Write([]byte("SUB a.b 7\r\n")); err != nil {
		t.Fatal(err)
	}
	got, idle := 0, 0
	err = c.Read(func(m Msg) {
		if string(m.Payload) == "hello" {
			got++
		}
	}, func() error { idle++; return nil })
	if err == nil || got != records || idle > records/2 {
		t.Errorf("%d messages, idle %d times, %v", got, idle, err)
	}
}

// A counter counts what is written to a socket.
type counter struct {
	io.ReadWriter
	writes int
}

func (c *counter) Write(b []byte) (int, error) {
	c.writes++
	return c.ReadWriter.Write(b)
}

func TestAWriteOverTLSIsOneSystemCall(t *testing.T) {
	server, client := certificates(t)
	received := make(chan []byte, 1)
	to := serve(t, server, func(c *tls.Conn, _ *gatherer) {
		all, _ := io.ReadAll(c)
		received <- all
	})
	to.TLS = client
	c, err := Dial(t.Context(), to, "test")
	if err != nil {
		t.Fatal(err)
	}
	below := c.line.(*secured).below
	count := &counter{ReadWriter: below.socket}
	below.socket = count
	frames := bytes.Repeat([]byte("PUB a 5\r\nhello\r\n"), 10_000) // 170 kB
	if err := c.Write(frames); err != nil || count.writes != 1 {
		t.Errorf("%d writes, %v", count.writes, err)
	}
	pieces := net.Buffers{frames[:50], frames[50:5000], frames[5000:]}
	if err := c.Writev(&pieces); err != nil || count.writes != 2 || len(pieces) != 0 {
		t.Errorf("%d writes, %d pieces left, %v", count.writes, len(pieces), err)
	}
	c.Close()
	if got := <-received; !bytes.Equal(got, append(frames, frames...)) {
		t.Errorf("%d bytes arrived", len(got))
	}
}

func TestOtherCiphersAreRefused(t *testing.T) {
	server, client := certificates(t)
	server.MinVersion, server.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	client.MinVersion = tls.VersionTLS12
	to := serve(t, server, func(*tls.Conn, *gatherer) {})
	to.TLS = client
	if _, err := Dial(t.Context(), to, "test"); err == nil || !strings.Contains(err.Error(), "TLS 1.2") {
		t.Error(err)
	}
}
