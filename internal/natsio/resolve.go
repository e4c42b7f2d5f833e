package natsio

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
)

// fallbackServer is where nodes of Choria look when DNS says nothing.
const fallbackServer = "puppet:4222"

// serverList is the answer to "where do we connect".
type serverList struct {
	servers []server
	partial bool // some question to DNS failed: good enough to connect, not to move
	assumed bool // DNS knows of none, this is the fallback: likewise
}

// resolve returns the servers of this attempt in the order to try them: the configured ones shuffled, those of DNS as RFC 2782
// says. contextServers are those of the nats context, if one is configured.
func (e *Endpoint) resolve(ctx context.Context, contextServers []server) (serverList, error) {
	if servers := e.listed(contextServers); len(servers) > 0 {
		servers = append([]server(nil), servers...)
		rand.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
		return serverList{servers: servers}, nil
	}
	if e.cfg.SRV.Disabled {
		return e.fallback()
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

// dynamic tells whether DNS decides where to connect.
func (e *Endpoint) dynamic() bool {
	return len(e.servers) == 0 && e.cfg.Context == "" && !e.cfg.SRV.Disabled
}

func (e *Endpoint) fallback() (serverList, error) {
	if e.side != Collective {
		return serverList{}, fmt.Errorf("dns: no SRV record %s", strings.Join(e.recordNames(), " or "))
	}
	sv, err := parseServer(fallbackServer)
	return serverList{servers: []server{sv}, assumed: true}, err
}

// contains tells whether sv is still listed.
func (l serverList) contains(sv server) bool {
	for _, s := range l.servers {
		if s.same(sv) {
			return true
		}
	}
	return false
}
