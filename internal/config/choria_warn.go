package config

import (
	"fmt"
	"strings"
)

// warnIgnored warns of settings that mean something to the original broker, but that we do not
// follow. Keys of Choria's other parts are only listed (noteUnused), because every configuration is
// full of them.
func (c *choria) warnIgnored() {
	for _, key := range sortedKeys(c.values) {
		if why := c.ignored(key); why != "" {
			c.used[key] = true
			c.loader.warn(c.values[key].origin, "", "ignored: "+why)
		}
	}
	if c.loader.env["CHORIA_FED_COLLECTIVE"] != "" {
		c.loader.warn(Origin{source: fromChoria, Name: "CHORIA_FED_COLLECTIVE"}, "",
			"ignored: it is for clients, and would turn both sides of a broker to one network")
	}
	c.warnNGS()
}

// warnNGS warns of the settings for Synadia's network. The original broker connects to it if a
// collective lists no servers.
func (c *choria) warnNGS() {
	const key = "plugin.nats.ngs"
	v, ok := c.values[key]
	if variable := c.loader.env["MCOLLECTIVE_NATS_NGS"]; ok && variable != "" {
		v.text = variable
	}
	if !isTrue(v.text) {
		return
	}
	c.used[key] = true
	if _, listed := c.values["plugin.choria.middleware_hosts"]; listed {
		c.loader.warn(v.origin, "", "ignored: plugin.choria.middleware_hosts lists the servers")
		return
	}
	c.fail(v.origin, key,
		"is not supported; list the servers of the collective in plugin.choria.middleware_hosts")
}

func (c *choria) ignored(key string) string {
	switch key {
	case "plugin.choria.federation.collectives":
		return "it is for clients, and would turn both sides of a broker to one network"
	case "plugin.choria.randomize_middleware_hosts":
		return whenFalse(c, key, "servers are always tried in random order")
	case "plugin.choria.use_srv_records":
		return "the Ruby broker reads it; use plugin.choria.use_srv"
	case "plugin.choria.network.connect_timeout":
		return "the time for one connect is fixed"
	case "plugin.security.cipher_suites", "plugin.security.ecc_curves":
		return "TLS 1.2 or later with Go's own selection is used"
	case "plugin.security.support_legacy_certificates":
		return whenTrue(c, key, "server certificates must name their hosts (SAN)")
	case "plugin.choria.broker_network":
		return whenTrue(c, key, "fedrelay runs no network broker; run that apart")
	case "plugin.choria.adapters":
		return "fedrelay runs no data adapters"
	}
	signer := strings.HasPrefix(key, "plugin.choria.security.request_signer.")
	if signer && !c.isTrue("plugin.security.client_anon_tls") {
		return "a relay signs nothing"
	}
	return ""
}

func whenTrue(c *choria, key, why string) string {
	if c.isTrue(key) {
		return why
	}
	return ""
}

func whenFalse(c *choria, key, why string) string {
	if c.isFalse(key) {
		return why
	}
	return ""
}

// warnMisspelt warns of unknown keys that look like one that matters. The original broker ignores
// them silently.
func (c *choria) warnMisspelt() {
	said := 0
	for i, key := range sortedKeys(c.values) {
		if said == maxRemarks || i == maxCompared {
			return
		}
		if meant := meantKey(key); meant != "" && !c.used[key] {
			said++
			c.used[key] = true
			c.loader.warn(c.values[key].origin, "", "unknown key, ignored (did you mean "+meant+"?)")
		}
	}
}

// noteUnused lists in one line all keys that are not followed and have given no warning.
func (c *choria) noteUnused() {
	var unused []string
	for _, key := range sortedKeys(c.values) {
		if !c.used[key] {
			unused = append(unused, key)
		}
	}
	if more := len(unused) - 10*maxRemarks; more > 0 {
		unused = append(unused[:10*maxRemarks], fmt.Sprintf("and %d more", more))
	}
	if len(unused) > 0 {
		c.loader.notes = append(c.loader.notes, c.top.Name+
			": not taken over, since a relay has no use for it: "+strings.Join(unused, ", "))
	}
}
