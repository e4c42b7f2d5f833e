package link

import (
	"slices"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// A Place is what a session has been connected to.
type Place struct {
	ServerID, ServerName, Cluster string
	// Version is that of the server.
	Version string
	// Account is the account of the login. It is empty where the server does not name it.
	Account string
	// Peers are the host:port of the servers of the cluster, as the server named them when the
	// connection was made. It is empty without a cluster.
	Peers []string
}

// Place returns what s has been connected to. It may block while nats.go writes.
func (s *Session) Place() Place {
	return Place{
		ServerID:   socket.Clip(s.Conn.ConnectedServerId()),
		ServerName: socket.Clip(s.Conn.ConnectedServerName()),
		Cluster:    socket.Clip(s.Conn.ConnectedClusterName()),
		Version:    socket.Clip(s.Conn.ConnectedServerVersion()),
		Account:    socket.Clip(s.plane.account()),
		Peers:      s.wire.Peers(),
	}
}

// Shared returns which server or cluster two places have in common, or "". The name of a cluster
// alone proves nothing: all of Choria's brokers, for example, have the same one. Two accounts of
// one server are two networks.
func (p Place) Shared(o Place) string {
	samePeer := slices.ContainsFunc(p.Peers, func(peer string) bool { return slices.Contains(o.Peers, peer) })
	known := p.Account != "" && o.Account != ""
	unless := ""
	if !known {
		unless = ", unless as two accounts"
	}
	switch {
	case known && p.Account != o.Account:
		return ""
	case p.ServerID != "" && p.ServerID == o.ServerID:
		return "server " + p.ServerName + unless
	case p.Cluster != "" && p.Cluster == o.Cluster && samePeer:
		return "cluster " + p.Cluster + unless
	}
	return ""
}
