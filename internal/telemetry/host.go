package telemetry

import (
	"net"
	"slices"
	"strings"
)

// allowedHosts returns the host names that requests to a listener may have, or nil if any is
// allowed. A listener on a loopback address is meant for this machine only. A web page that points
// its own name at 127.0.0.1 (DNS rebinding) must not read it through a browser on this machine.
func allowedHosts(addr string, bound net.Addr) []string {
	tcp, ok := bound.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return nil
	}
	hosts := []string{"localhost", "127.0.0.1", "::1", hostOnly(addr), tcp.IP.String()}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// hostAllowed reports whether a request with this Host header, with or without a port, may be
// served. A request without the header is served: clients of HTTP/1.0 may leave it out, but
// browsers never do.
func hostAllowed(allowed []string, header string) bool {
	return allowed == nil || header == "" || slices.Contains(allowed, hostOnly(header))
}

// hostOnly strips the port, the brackets of an IPv6 address and the dot that ends a full name.
func hostOnly(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
