package natsio

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/nats-io/jsm.go/natscontext"
	"golang.org/x/net/proxy"
)

// readContext fills s from the nats context that is configured, if any: a name known to the nats command, or a path.
func (e *Endpoint) readContext(s *settings) error {
	name := e.cfg.Context
	if name == "" {
		return nil
	}
	c, err := loadContext(name)
	if err != nil {
		return fmt.Errorf("nats context %q: %w", name, err)
	}
	if err := e.applyContext(s, c); err != nil {
		return fmt.Errorf("nats context %q: %w", name, err)
	}
	return nil
}

func loadContext(name string) (*natscontext.Context, error) {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".json") {
		return natscontext.NewFromFile(name)
	}
	return natscontext.New(name, true)
}

func (e *Endpoint) applyContext(s *settings, c *natscontext.Context) error {
	options, err := c.NATSOptions()
	if err != nil {
		return err
	}
	for _, set := range options {
		if err := set(&s.options); err != nil {
			return err
		}
	}
	s.options.CustomDialer = nil // SOCKS, below, on top of our own
	for _, text := range strings.Split(c.ServerURL(), ",") {
		sv, err := parseServer(text)
		if err != nil {
			return fmt.Errorf("url: %w", err)
		}
		if len(e.logins()) > 0 {
			sv.url.User = nil // what is configured here wins, as for all else
		}
		s.servers = append(s.servers, sv)
	}
	return e.useProxy(s, c.SocksProxy())
}

// useProxy makes s dial through a SOCKS proxy.
func (e *Endpoint) useProxy(s *settings, address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("socks_proxy: %w", plainURLError(err))
	}
	d, err := proxy.FromURL(u, forward(e.Dial))
	if err != nil {
		return fmt.Errorf("socks_proxy: %w", err)
	}
	cd, ok := d.(proxy.ContextDialer)
	if !ok {
		return fmt.Errorf("socks_proxy: %s is not supported", u.Scheme)
	}
	s.dial, s.proxied = cd.DialContext, true
	return nil
}

// forward makes a dialFunc the dialer under a proxy.
type forward dialFunc

// Dial is there for the interface.
func (f forward) Dial(network, address string) (net.Conn, error) {
	return f(context.Background(), network, address)
}

// DialContext is what the proxy calls.
func (f forward) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return f(ctx, network, address)
}
