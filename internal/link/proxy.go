package link

import (
	"context"
	"fmt"
	"net"
	"net/url"

	"golang.org/x/net/proxy"
)

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
	s.dial, s.proxied, s.proxy = cd.DialContext, true, address
	return nil
}

// A forward is the dialer below a proxy.
type forward dialFunc

// Dial makes f a proxy.Dialer. The proxy calls DialContext instead.
func (f forward) Dial(network, address string) (net.Conn, error) {
	return f(context.Background(), network, address)
}

// DialContext makes the TCP connection to the proxy. It may block until ctx ends.
func (f forward) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return f(ctx, network, address)
}
