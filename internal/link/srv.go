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

// recordNames are the SRV names of each side, in the order in which they are asked: Choria's, then
// its older ones.
func (e *Endpoint) recordNames() []string {
	if e.side == Federation {
		return []string{"_mcollective-federation_server._tcp", "_x-puppet-mcollective_federation._tcp"}
	}
	return []string{"_mcollective-server._tcp", "_x-puppet-mcollective._tcp"}
}

// lookupServers asks DNS. The first name that has records wins; when no name exists a collective
// has its fallback.
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

// lookupSRV returns the servers of one record name, ordered by priority, shuffled by weight, or
// evenly without weights.
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

// domain is the configured one, or that of this host.
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

// notFound is an authoritative no, or an answer without usable records.
func notFound(err error) bool {
	var dnsErr *net.DNSError
	return err == nil || errors.As(err, &dnsErr) && dnsErr.IsNotFound
}

// newResolver asks the DNS server at address, or the system's when there is none.
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

// shuffleUnweighted has records of one priority and no weight follow each other in random order. Go
// leaves them in that of DNS: all who lose one server would come down on the same next one.
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
