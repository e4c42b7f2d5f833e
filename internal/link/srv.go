package link

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/fedrelay/fedrelay/internal/config"
)

// recordNames returns the SRV names of the side, in the order in which they are asked: Choria's,
// then its older one.
func (e *Endpoint) recordNames() []string {
	if e.side != Collective {
		return []string{"_mcollective-federation_server._tcp", "_x-puppet-mcollective_federation._tcp"}
	}
	return []string{"_mcollective-server._tcp", "_x-puppet-mcollective._tcp"}
}

// lookupServers asks DNS, and blocks for lookupTimeout at most. It returns the servers of the first
// name that has records. If no name has any, it returns the fallback.
func (e *Endpoint) lookupServers(ctx context.Context) (serverList, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	domain, err := e.domain(ctx)
	if err != nil {
		return serverList{}, err
	}
	var asked []string
	var failed error
	for _, name := range e.recordNames() {
		asked = append(asked, name+"."+domain)
		servers, err := e.lookupSRV(ctx, name+"."+domain+".")
		if len(servers) > 0 {
			return serverList{servers: servers, partial: failed != nil}, nil
		}
		if !notFound(err) {
			failed = errors.Join(failed, err)
		}
	}
	if failed != nil {
		return serverList{}, failed
	}
	return e.fallback("dns: no SRV record " + strings.Join(asked, " nor "))
}

// lookupSRV returns the servers of one record name, in the order of their priorities. Servers of
// one priority are shuffled by weight, or evenly if they have no weights.
func (e *Endpoint) lookupSRV(ctx context.Context, name string) ([]server, error) {
	_, records, err := e.resolver.LookupSRV(ctx, "", "", name)
	shuffleUnweighted(records)
	var servers []server
	for _, r := range records {
		if host := strings.TrimSuffix(r.Target, "."); host != "" && r.Port != 0 {
			address := net.JoinHostPort(host, strconv.Itoa(int(r.Port)))
			servers = append(servers, server{url: &url.URL{Scheme: "nats", Host: address}})
		}
	}
	return servers, err
}

// ofDNS reports whether an answer of DNS would spell s as it is.
func (s server) ofDNS() bool { return s.url.Scheme == "nats" && s.url.User == nil }

// domain returns the DNS domain to ask: the configured one, or that of this host.
func (e *Endpoint) domain(ctx context.Context) (string, error) {
	if d := strings.Trim(e.cfg.SRV.Domain, "."); d != "" {
		return d, nil
	}
	d, err := config.HostDomain(ctx)
	if d != "" {
		return d, nil
	}
	if err != nil {
		return "", fmt.Errorf("the domain of this host is not known: %w", err)
	}
	return "", fmt.Errorf("the domain of this host is not known (set %s.srv.domain, or list %s.servers)", e.side, e.side)
}

// notFound reports whether a lookup without servers was answered. err is nil if the name has no
// usable records, and otherwise may say that the name does not exist.
func notFound(err error) bool {
	var dnsErr *net.DNSError
	return err == nil || errors.As(err, &dnsErr) && dnsErr.IsNotFound
}

// newResolver returns a resolver that asks the DNS server at address, or those of the system when
// it is empty.
func newResolver(address string) *net.Resolver {
	if address == "" {
		return net.DefaultResolver
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(address, "53")
	}
	return &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, address)
		},
	}
}

// shuffleUnweighted shuffles records of one priority that have no weight, in place. Go leaves them
// in the order of DNS, and so all who lose one server would connect to the same next one.
func shuffleUnweighted(records []*net.SRV) {
	for len(records) > 0 {
		n := 1
		for n < len(records) && records[n].Priority == records[0].Priority && records[n].Weight == records[0].Weight {
			n++
		}
		if records[0].Weight == 0 {
			rand.Shuffle(n, func(i, j int) { records[i], records[j] = records[j], records[i] })
		}
		records = records[n:]
	}
}
