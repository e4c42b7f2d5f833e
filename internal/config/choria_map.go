package config

import (
	"net"
	"strings"
)

const choriaCluster = "mcollective"

func (c *choria) mapBroker() {
	const enabled = "plugin.choria.broker_federation"
	if !c.isTrue(enabled) {
		at := c.top
		if v, ok := c.values[enabled]; ok {
			at = v.at
		}
		c.fail(at, enabled, "is not true, so this configuration runs no federation broker; set it to true, or give another file")
	}
	cluster, _ := c.get("plugin.choria.federation.cluster", "", choriaCluster)
	c.set("cluster", cluster, cluster.text)
	if v, ok := c.values["identity"]; ok {
		c.set("identity", v, v.text)
	}
}

func (c *choria) mapServers() {
	if v, ok := c.values["plugin.choria.use_srv"]; ok && !c.isTrue("plugin.choria.use_srv") {
		c.setBoth("srv.disabled", v, "true")
	}
	if v, ok := c.get("plugin.choria.srv_domain", "CHORIA_SRV_DOMAIN", ""); ok {
		c.setBoth("srv.domain", v, v.text)
	}
	c.mapHosts("plugin.choria.federation_middleware_hosts", "federation.servers", "")
	fallback := ""
	if c.isFalse("plugin.choria.use_srv") {
		fallback = "puppet:4222"
	}
	c.mapHosts("plugin.choria.middleware_hosts", "collective.servers", fallback)
}

func (c *choria) mapHosts(key, path, fallback string) {
	v, ok := c.get(key, "", fallback)
	if !ok {
		return
	}
	var servers []string
	for _, entry := range c.list(v) {
		server, err := c.server(v, entry)
		if err != "" {
			c.fail(v.at, key, quoted(maskURL(entry))+": "+err)
			continue
		}
		servers = append(servers, server)
	}
	c.set(path, v, servers...)
}

// server checks one entry of a list: host:port or scheme://host:port. User info is dropped, as the original broker does.
func (c *choria) server(v choriaValue, entry string) (string, string) {
	scheme, rest, ok := strings.Cut(entry, "://")
	if !ok {
		scheme, rest = "nats", entry
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		c.l.warn(v.at, "", "the user info in a server's address is ignored; use plugin.nats.user and plugin.nats.pass")
		rest = rest[i+1:]
	}
	if _, _, err := net.SplitHostPort(strings.TrimSuffix(rest, "/")); err != nil {
		return "", "want host:port or nats://host:port; the port is required"
	}
	if scheme == "nats" && c.needsTLSScheme() {
		scheme = "tls"
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
	if v, ok := c.values[stop]; ok {
		d, err := choriaDuration(v.text)
		if err != nil {
			c.fail(v.at, stop, quoted(v.text)+": "+err.Error())
			return
		}
		c.set("drain.timeout", v, d.String())
	}
}

func (c *choria) mapLog() {
	if v, ok := c.values["loglevel"]; ok {
		level := v.text
		if level == "fatal" {
			level = "error"
		}
		c.set("log.level", v, level)
	}
	if v, ok := c.values["logfile"]; ok && v.text != "stderr" && v.text != "stdout" {
		c.l.warn(v.at, "", "ignored: logs go to stderr; redirect that, or leave it to the journal")
	}
}

// mapStats: without a port the original broker serves no metrics; fedrelay keeps its own default then.
func (c *choria) mapStats() {
	const port = "plugin.choria.stats_port"
	v, ok := c.values[port]
	if !ok || v.text == "0" {
		return
	}
	if !isPort(v.text, 1) {
		c.fail(v.at, port, quoted(v.text)+" is not a port; want 0 to 65535")
		return
	}
	host, _ := c.get("plugin.choria.stats_address", "", "127.0.0.1")
	c.set("http.listen", v, net.JoinHostPort(strings.Trim(host.text, "[]"), v.text))
}
