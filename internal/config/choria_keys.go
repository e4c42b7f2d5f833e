package config

import (
	"slices"

	"github.com/fedrelay/fedrelay/internal/suggest"
)

// followed are the keys that become settings of a relay.
var followed = []string{
	"identity", "loglevel",
	"plugin.choria.broker_federation", "plugin.choria.federation.cluster",
	"plugin.choria.federation_middleware_hosts", "plugin.choria.middleware_hosts",
	"plugin.choria.use_srv", "plugin.choria.srv_domain",
	"plugin.choria.stats_port", "plugin.choria.stats_address",
	"plugin.choria.network.soft_shutdown_timeout",
	"plugin.nats.user", "plugin.nats.pass", "plugin.nats.credentials",
	"plugin.security.provider", "plugin.choria.ssldir",
	"plugin.security.file.certificate", "plugin.security.file.key", "plugin.security.file.ca",
	"plugin.security.server_anon_tls", "plugin.security.client_anon_tls",
	"plugin.choria.security.server.token_file", "plugin.choria.security.server.seed_file",
	"plugin.choria.security.request_signer.token_file", "plugin.choria.security.request_signer.seed_file",
	"plugin.security.choria.token_file", "plugin.security.choria.seed_file",
	"plugin.security.choria.certificate", "plugin.security.choria.key", "plugin.security.choria.ca",
}

// strangers are keys of Choria's other parts that look like one of followed, but are correct.
var strangers = []string{
	"collectives", "main_collective",
	"plugin.choria.federation.collectives", "plugin.choria.federation.instance",
	"plugin.choria.use_srv_records", "plugin.choria.randomize_middleware_hosts", "plugin.nats.ngs",
	"plugin.choria.broker_network", "plugin.choria.broker_discovery",
	"plugin.choria.discovery_host", "plugin.choria.discovery_port",
	"plugin.choria.puppetserver_host", "plugin.choria.puppetca_host", "plugin.choria.puppetdb_host",
	"plugin.choria.security.serializer", "plugin.security.file.cache",
	"plugin.choria.security.request_signer.url", "plugin.choria.security.request_signer.service",
	"plugin.choria.network.peer_user", "plugin.choria.network.peer_password",
	"plugin.choria.network.client_hosts", "plugin.choria.network.client_port",
	"plugin.choria.network.listen_address", "plugin.service.provider", "plugin.choria.status_file_path",
}

// meantKey returns the followed key that an unknown key looks like, or "".
func meantKey(key string) string {
	if slices.Contains(followed, key) || slices.Contains(strangers, key) {
		return ""
	}
	return suggest.Nearest(key, followed)
}

// maxCompared is how many keys at most are compared with all followed keys. Large configurations
// have about 100 keys.
const maxCompared = 500
