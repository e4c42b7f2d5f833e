package config

import (
	"net"
	"strings"

	"github.com/fedrelay/fedrelay/internal/suggest"
)

// Defaults of the original broker.
const (
	choriaCluster  = "mcollective"
	choriaFallback = "puppet:4222" // of the collective
)

func (c *choria) mapBroker() {
	const enabled = "plugin.choria.broker_federation"
	if !c.isTrue(enabled) {
		at := c.top
		if v, ok := c.value(enabled); ok {
			at = v.origin
		}
		c.fail(at, enabled, "is not true, so this configuration runs no federation broker; "+
			"set it to true, or give another file")
	}
	cluster, _ := c.get("plugin.choria.federation.cluster", choriaCluster)
	c.set("cluster", cluster, cluster.text)
	if v, ok := c.value("identity"); ok {
		c.set("identity", v, v.text)
	}
}

func (c *choria) mapServers() {
	if v, ok := c.value("plugin.choria.use_srv"); ok && !c.isTrue("plugin.choria.use_srv") {
		c.setBoth("srv.disabled", v, "true")
	}
	if v, ok := c.variable("plugin.choria.srv_domain", "CHORIA_SRV_DOMAIN"); ok {
		c.setBoth("srv.domain", v, v.text)
	}
	c.mapHosts("plugin.choria.federation_middleware_hosts", "federation.servers", "")
	const hosts = "plugin.choria.middleware_hosts"
	fallback := ""
	if _, set := c.value(hosts); !set && c.isFalse("plugin.choria.use_srv") {
		fallback = choriaFallback
		c.loader.warn(c.withAlias(hosts), "", "is not set and plugin.choria.use_srv is off: using "+
			choriaFallback+", as the original broker does")
	}
	c.mapHosts(hosts, "collective.servers", fallback)
}

func (c *choria) mapHosts(key, path, fallback string) {
	v, ok := c.get(key, fallback)
	if !ok {
		return
	}
	var servers []string
	entries := c.list(v)
	if IsCut(entries) {
		c.loader.reportFor(path, v.origin, CutLogin)
		return
	}
	for i, entry := range entries {
		server, err := c.server(v, entry)
		if err != "" {
			c.loader.reportFor(path, v.origin, quoted(maskElement(entries, i))+": "+err)
			continue
		}
		servers = append(servers, server)
	}
	c.set(path, v, servers...)
}

// server checks one entry of a list, host:port or scheme://host:port. It returns the URL, and a
// text if something is wrong. It drops user info, as the original broker does.
func (c *choria) server(v choriaValue, entry string) (string, string) {
	scheme, rest, ok := strings.Cut(entry, "://")
	if !ok {
		scheme, rest = "nats", entry
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		c.loader.warn(v.origin, "",
			"the user info in a server's address is ignored; use plugin.nats.user and plugin.nats.pass")
		rest = rest[i+1:]
	}
	if _, _, err := net.SplitHostPort(strings.TrimSuffix(rest, "/")); err != nil {
		return "", "want host:port or nats://host:port; the port is required"
	}
	server := scheme + "://" + rest
	if _, err := parseServer(server); err != nil {
		return "", err.Error()
	}
	return server, ""
}

func (c *choria) mapOperation() {
	c.mapLog()
	c.mapStats()
	const stop = "plugin.choria.network.soft_shutdown_timeout"
	v, ok := c.value(stop)
	if !ok {
		return
	}
	switch d, err := choriaDuration(v.text); {
	case err != nil:
		c.fail(v.origin, stop, quoted(v.text)+": "+err.Error())
	case d == 0:
		c.loader.warn(v.origin, "", "ignored: a relay is given some time to drain (drain.timeout)")
	default:
		c.set("drain.timeout", v, d.String())
	}
}

func (c *choria) mapLog() {
	if v, ok := c.value("loglevel"); ok {
		c.set("log.level", v, c.level(v))
	}
	v, ok := c.value("logfile")
	switch {
	case !ok || v.text == "stderr" || v.text == "stdout":
	case v.text == "discard":
		c.loader.warn(v.origin, "", "ignored: logs go to stderr; send that to /dev/null")
	default:
		c.loader.warn(v.origin, "", "ignored: logs go to stderr; redirect that, or leave it to the journal")
	}
}

// level returns the log level for a word of the original broker, or a similar one, in any letter
// case. The original broker logs at warn if it does not know the word, and so do we.
func (c *choria) level(v choriaValue) string {
	if n := suggest.Nearest(v.text, logLevels); n != "" {
		return n
	}
	c.loader.warn(v.origin, "", quoted(v.text)+" is no level; using warn, as the original broker does")
	return "warn"
}

const heldPort = "the original broker holds this port while it runs"

// mapStats sets where metrics are served. Without a port the original broker serves none, and a
// relay keeps its own default.
func (c *choria) mapStats() {
	const port = "plugin.choria.stats_port"
	v, ok := c.value(port)
	host, _ := c.get("plugin.choria.stats_address", "127.0.0.1")
	if !ok || v.text == "0" {
		return
	}
	if !isPort(v.text, 1) {
		c.fail(v.origin, port, quoted(v.text)+" is not a port; want 0 to 65535")
		return
	}
	address := strings.Trim(host.text, "[]")
	if ip := net.ParseIP(address); ip != nil && ip.IsUnspecified() {
		c.loader.warn(host.origin, "", "metrics and health are open to everybody who can reach this host, "+
			"without a login; want 127.0.0.1 here")
	}
	c.set("http.listen", v, net.JoinHostPort(address, v.text))
	c.loader.note(v.origin, heldPort+"; "+
		"a relay beside it takes another one, and logs which (or give --http)")
}
