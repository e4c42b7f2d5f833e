package embedded

import (
	"net"
	"net/url"
	"strconv"

	"github.com/nats-io/nats-server/v2/server"
)

// A Leaf makes two servers one network: one of them listens for leaf nodes, the other connects.
// The zero value does neither.
type Leaf struct {
	// Listen has the server accept leaf nodes, on a free port. See LeafAddress.
	Listen bool
	// Hub is the host:port of the server to connect to as a leaf node.
	Hub string
	// Compression of such connections: off, s2_fast, s2_better, s2_best and so on. Both ends must
	// have the same. Empty: s2_auto, the server's default.
	Compression string
}

// configure sets what the server's own configuration file would.
func (l Leaf) configure(so *server.Options) {
	compression := server.CompressionOpts{Mode: l.Compression}
	if l.Listen {
		so.LeafNode.Host, so.LeafNode.Port, so.LeafNode.Compression = Host, server.RANDOM_PORT, compression
	}
	if l.Hub != "" {
		so.LeafNode.Remotes = []*server.RemoteLeafOpts{{
			URLs: []*url.URL{{Scheme: "nats-leaf", Host: l.Hub}}, Compression: compression,
			IgnoreDiscoveredServers: true, // they would lead around the line that Hub may be
		}}
	}
}

// LeafAddress is where the server listens for leaf nodes, host:port; empty without.
func (s *Server) LeafAddress() string {
	srv := s.running()
	if srv == nil || !s.opts.Leaf.Listen {
		return ""
	}
	v, err := srv.Varz(nil)
	if err != nil {
		return ""
	}
	return net.JoinHostPort(Host, strconv.Itoa(v.LeafNode.Port))
}
