package link

import (
	"context"
	"errors"
	"math/rand/v2"
)

// fallbackServer is where nodes of Choria connect to when DNS lists no server.
const fallbackServer = "puppet:4222"

// A serverList says where to connect.
type serverList struct {
	servers []server
	partial bool   // a question to DNS failed: good enough to connect, but not to move
	assumed string // why servers is only the fallback: not good enough to move; else empty
}

// resolve returns the servers of one round in the order in which to try them. Configured servers
// are shuffled, and those of DNS are in the order of RFC 2782. contextServers are those of the nats
// context, if one is configured. It blocks for DNS.
func (e *Endpoint) resolve(ctx context.Context, contextServers []server) (serverList, error) {
	if servers := e.listed(contextServers); len(servers) > 0 {
		servers = append([]server(nil), servers...)
		rand.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
		return serverList{servers: servers}, nil
	}
	if e.cfg.SRV.Disabled {
		return e.fallback("no servers are listed and DNS is not asked")
	}
	return e.lookupServers(ctx)
}

// listed are the servers that need no lookup.
func (e *Endpoint) listed(contextServers []server) []server {
	if len(e.servers) > 0 {
		return e.servers
	}
	return contextServers
}

// dynamic reports whether DNS decides where to connect.
func (e *Endpoint) dynamic() bool {
	return len(e.servers) == 0 && e.cfg.Context == "" && !e.cfg.SRV.Disabled
}

// fallback returns the server to try when no server is known. Choria has a name for it in a
// collective, but none in a federation, where fallback fails. why says why no server is known.
func (e *Endpoint) fallback(why string) (serverList, error) {
	if e.side != Collective {
		return serverList{}, errors.New(why)
	}
	sv, err := parseServer(fallbackServer)
	return serverList{servers: []server{sv}, assumed: why}, err
}

// because adds to err, the failure of a fallback server, why that server was tried at all.
func (l serverList) because(err error) error {
	if l.assumed == "" {
		return err
	}
	return &assumedError{err: err, why: l.assumed}
}

// An assumedError is the failure of the fallback server, which nobody has listed.
type assumedError struct {
	err error
	why string
}

func (e *assumedError) Error() string { return e.err.Error() }
func (e *assumedError) Unwrap() error { return e.err }

// sayAssumed logs the use of the fallback once, and again when its reason changes.
func (l *Link) sayAssumed(list serverList) {
	if list.assumed != "" && list.assumed != l.assumed {
		l.warn(list.assumed + "; trying " + fallbackServer + ", as Choria does")
	}
	l.assumed = list.assumed
}

// contains reports whether sv is listed.
func (l serverList) contains(sv server) bool {
	for _, s := range l.servers {
		if s.same(sv) {
			return true
		}
	}
	return false
}
