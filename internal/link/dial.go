package link

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/socket"
)

const (
	// stepTimeout is how long each step of a connect may take: one TCP dial, greeting with TLS,
	// login.
	stepTimeout = 2 * time.Second
	// lookupTimeout is how long a DNS question may take, including its repetitions.
	lookupTimeout = 5 * time.Second
)

// A dialer is nats.go's CustomDialer for one connect to one server.
type dialer struct {
	ctx      context.Context // of the connect: nats.go knows none
	endpoint *Endpoint
	server   server
	security socket.Security
	dial     dialFunc
	proxied  bool // the proxy resolves names

	session *Session    // gets the connection from Dial, before any callback can run
	stop    func() bool // ends the watch over ctx that Dial began; nil before Dial
	err     error       // why Dial failed, which nats.go hides
}

// A dialFunc makes a TCP connection. It may block until ctx ends.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// SkipTLSHandshake makes nats.go leave TLS to us.
func (d *dialer) SkipTLSHandshake() bool { return true }

// Dial is called by nats.go, once, with the address of d.server. It blocks until the connection is
// greeted.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	conn, err := d.open(network, address)
	if err != nil {
		d.err = err
		return nil, err // not conn: a nil pointer in an interface is not nil
	}
	d.session.wire = conn
	return conn, nil
}

// login runs connect, which dials through d and logs in. If connect fails, login finds out why.
func (d *dialer) login(connect func() (*nats.Conn, error)) (*nats.Conn, error) {
	nc, err := connect()
	if d.stop != nil {
		d.stop()
	}
	switch {
	case err == nil:
		d.session.wire.EndLogin()
		return nc, nil
	case d.err != nil:
		return nil, d.err
	case d.session.wire == nil:
		return nil, err
	}
	d.session.wire.Release()
	var said *socket.ServerError
	if hungUp(err) && errors.As(d.session.wire.Cause(), &said) {
		err = said // what the server said explains more
	}
	if _, secure := d.session.wire.TLSState(); secure && hungUp(err) {
		err = errHungUp
	}
	return nil, &socket.StepError{Step: "login", Err: err}
}

var errHungUp = errors.New("the server hung up after the TLS handshake")

// hungUp reports whether err says no more than that the server is gone.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// open makes the connection that nats.go reads and writes: TCP, greeting and TLS.
func (d *dialer) open(network, address string) (*socket.Conn, error) {
	raw, err := d.reach(network, address)
	if err != nil {
		return nil, err
	}
	// nats.go knows no context. When ours ends, close the connection, so that neither nats.go nor
	// we wait for it any longer.
	d.stop = context.AfterFunc(d.ctx, func() { raw.Close() })
	c, err := d.greet(raw)
	if err != nil {
		raw.Close()
		return nil, err
	}
	return c, nil
}

// greet does TLS and the greeting, in stepTimeout at most.
func (d *dialer) greet(raw net.Conn) (*socket.Conn, error) {
	if err := raw.SetDeadline(time.Now().Add(stepTimeout)); err != nil {
		return nil, err
	}
	c := d.session.plane.wrap(raw)
	if err := c.Greet(d.ctx, d.server.url, d.security); err != nil {
		return nil, err
	}
	return c, raw.SetDeadline(time.Time{})
}

// reach makes a TCP connection to one of the addresses of a host. It tries them in random order.
func (d *dialer) reach(network, address string) (net.Conn, error) {
	addresses, err := d.lookup(address)
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		var conn net.Conn
		if conn, err = d.dialOne(network, a); err == nil {
			return conn, nil
		}
		if d.ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

// dialOne dials one address. It sets the limit of stepTimeout itself, because the dial of a proxy
// or a test may have none.
func (d *dialer) dialOne(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(d.ctx, stepTimeout)
	defer cancel()
	return d.dial(ctx, network, address)
}

// lookup returns the addresses of a host, in random order. If a proxy resolves names, address
// itself is the only one.
func (d *dialer) lookup(address string) ([]string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(host); err == nil || d.proxied {
		return []string{address}, nil
	}
	ctx, cancel := context.WithTimeout(d.ctx, lookupTimeout)
	defer cancel()
	ips, err := d.endpoint.resolver.LookupHost(ctx, host)
	if err != nil {
		return nil, err
	}
	if len(ips) == 0 {
		return nil, errors.New("dns: no address for " + host)
	}
	rand.Shuffle(len(ips), func(i, j int) { ips[i], ips[j] = ips[j], ips[i] })
	for i, ip := range ips {
		ips[i] = net.JoinHostPort(ip, port)
	}
	return ips, nil
}
