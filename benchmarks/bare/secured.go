package bare

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"

	certified "github.com/fedrelay/fedrelay/benchmarks/secure"
	"github.com/fedrelay/fedrelay/internal/rawio"
)

// secured is TLS on top of a socket. One write is one system call, unless it is large, and one read
// takes all that has come.
type secured struct {
	*tls.Conn
	below *records
}

// secure begins TLS on a connection on which the server has to greet first. The buffer for reading
// has size bytes.
func secure(nc net.Conn, config *tls.Config, size int) (*secured, error) {
	below := &records{socket: rawio.New(nc), in: make([]byte, max(size, largestRecord))}
	if err := below.skipGreeting(); err != nil {
		return nil, err
	}
	config = config.Clone()
	config.ServerName, _, _ = net.SplitHostPort(nc.RemoteAddr().String())
	s := &secured{tls.Client(wrapped{nc, below}, config), below}
	if err := s.Handshake(); err != nil {
		return nil, err
	}
	below.gathering = true
	return s, certified.CheckState(s.ConnectionState())
}

// Write writes p at once.
func (s *secured) Write(p []byte) (int, error) {
	n, err := s.Conn.Write(p)
	return n, errors.Join(err, s.below.flush())
}

// Writev encrypts each piece on its own: to copy them together would cost more than the records.
func (s *secured) Writev(pieces *net.Buffers) (n int, err error) {
	for _, p := range *pieces {
		k, err := s.Conn.Write(p)
		if n += k; err != nil {
			return n, err
		}
	}
	*pieces = nil
	return n, s.below.flush()
}

func (s *secured) more() bool { return s.below.whole() }

// wrapped is the connection that TLS sees.
type wrapped struct {
	net.Conn
	*records
}

func (w wrapped) Read(p []byte) (int, error)  { return w.records.Read(p) }
func (w wrapped) Write(p []byte) (int, error) { return w.records.Write(p) }

// skipGreeting reads the INFO line. The server says no more before TLS has begun.
func (r *records) skipGreeting() error {
	for !bytes.HasSuffix(r.in[:r.end], []byte("\n")) {
		if r.end == len(r.in) {
			return errProtocol
		}
		if err := r.fill(); err != nil {
			return err
		}
	}
	r.end = 0
	return nil
}
