package config

import (
	"os"
	"path/filepath"
)

func (c *choria) mapSecurity() {
	c.mapNATS()
	if c.loader.src.ChoriaWithoutTLS {
		return
	}
	switch {
	case c.isTrue("plugin.security.server_anon_tls"):
		c.mapAnonymous("plugin.security.server_anon_tls", "plugin.choria.security.server.",
			filepath.Join(c.dir, "server"))
	case c.isTrue("plugin.security.client_anon_tls"):
		c.mapAnonymous("plugin.security.client_anon_tls", "plugin.choria.security.request_signer.", "")
	default:
		c.mapProvider()
	}
}

// mapNATS sets the login of both sides, which the original broker has once for both networks.
func (c *choria) mapNATS() {
	logins := []struct{ key, variable, ours string }{
		{"plugin.nats.user", "MCOLLECTIVE_NATS_USERNAME", "user"},
		{"plugin.nats.pass", "MCOLLECTIVE_NATS_PASSWORD", "password"},
		{"plugin.nats.credentials", "MCOLLECTIVE_NATS_CREDENTIALS", "creds"},
	}
	for _, login := range logins {
		v, ok := c.overridden(login.key, login.variable)
		if !ok {
			continue
		}
		text := escape(v.text)
		if login.ours == "creds" {
			text = c.path(v.text)
		}
		c.setBoth(login.ours, v, text)
	}
}

func (c *choria) provider() string {
	v, _ := c.get("plugin.security.provider", "puppet")
	return v.text
}

func (c *choria) mapProvider() {
	v, _ := c.get("plugin.security.provider", "puppet")
	switch v.text {
	case "puppet":
		c.mapPuppet()
	case "file":
		c.mapFile("plugin.security.file.certificate", "tls.cert", true)
		c.mapFile("plugin.security.file.key", "tls.key", true)
		c.mapFile("plugin.security.file.ca", "tls.ca", true)
	case "choria":
		c.mapToken()
	case "pkcs11", "certmanager":
		c.fail(v.origin, "plugin.security.provider", quoted(v.text)+" is not supported; "+
			"write certificate, key and CA to files and use provider file, "+
			"or give --disable-tls with settings of your own")
	default:
		c.fail(v.origin, "plugin.security.provider",
			quoted(v.text)+" is unknown; want puppet, file or choria")
	}
}

// mapFile sets a path on both sides. If a required path is not set that is a mistake, because going
// on would be less secure.
func (c *choria) mapFile(key, ours string, required bool) {
	v, ok := c.value(key)
	if ok {
		c.setBoth(ours, v, c.path(v.text))
		return
	}
	if required {
		c.fail(c.top, key,
			"is not set; the security provider "+c.provider()+" needs it (or give --disable-tls)")
	}
}

// mapPuppet is for the provider puppet: it sets the paths at which Puppet's agent keeps its files.
func (c *choria) mapPuppet() {
	dir, ok := c.value("plugin.choria.ssldir")
	if !ok {
		dir = choriaValue{text: c.puppetDir(), origin: c.withAlias("plugin.choria.ssldir")}
	}
	root, name := c.path(dir.text), c.certname()
	if name == "" || name != filepath.Base(name) {
		c.fail(dir.origin, "identity",
			quoted(name)+" cannot be the name of a certificate file; set MCOLLECTIVE_CERTNAME")
		return
	}
	c.setBoth("tls.cert", dir, filepath.Join(root, "certs", name+".pem"))
	c.setBoth("tls.key", dir, filepath.Join(root, "private_keys", name+".pem"))
	c.setBoth("tls.ca", dir, filepath.Join(root, "certs", "ca.pem"))
}

func (c *choria) puppetDir() string {
	if os.Geteuid() == 0 {
		return "/etc/puppetlabs/puppet/ssl"
	}
	return filepath.Join(c.loader.home(), ".puppetlabs/etc/puppet/ssl")
}

// certname returns the name in the certificate, by the rules for a server process, which a broker
// is: the identity, unless the environment says otherwise.
func (c *choria) certname() string {
	if name := c.loader.env["MCOLLECTIVE_CERTNAME"]; name != "" {
		return name
	}
	if v, ok := c.value("identity"); ok {
		return v.text
	}
	return c.loader.fullName()
}

// mapToken is for the provider choria, which has tokens.
func (c *choria) mapToken() {
	c.mapFile("plugin.security.choria.token_file", "choria.token", true)
	c.mapFile("plugin.security.choria.seed_file", "choria.seed", true)
	c.mapFile("plugin.security.choria.certificate", "tls.cert", false)
	c.mapFile("plugin.security.choria.key", "tls.key", false)
	c.mapFile("plugin.security.choria.ca", "tls.ca", false)
	if _, ok := c.value("plugin.security.choria.ca"); !ok {
		// The client of the original broker insists on TLS with every provider.
		c.setBoth("tls.required", c.values["plugin.security.provider"], "true")
		c.loader.warn(c.withAlias("plugin.security.choria.ca"), "",
			"is not set: the original broker then accepts any server; fedrelay verifies against the "+
				"system's roots. Set it, or tls.insecure_skip_verify for each side")
	}
}

// mapAnonymous is for a token over TLS that does not verify the server, which is the operator's
// explicit choice.
func (c *choria) mapAnonymous(enabled, prefix, standard string) {
	c.setBoth("tls.insecure_skip_verify", c.values[enabled], "true")
	c.mapTokenFile(prefix+"token_file", "choria.token", standard, ".jwt")
	c.mapTokenFile(prefix+"seed_file", "choria.seed", standard, ".seed")
}

func (c *choria) mapTokenFile(key, ours, standard, suffix string) {
	if standard != "" {
		standard += suffix
	}
	v, ok := c.get(key, standard)
	if !ok {
		c.fail(c.top, key, "is not set; anonymous TLS needs a token and its seed")
		return
	}
	c.setBoth(ours, v, c.path(v.text))
}
