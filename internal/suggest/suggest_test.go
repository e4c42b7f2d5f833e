package suggest

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	side := "name servers srv context tls creds nkey user password token choria tls.ca tls.cert tls.key tls.first srv.domain"
	flags := "cluster identity federation collective fed-creds fed-user fed-tlsca http log-level drain-timeout config"
	verbs := "run demo check config version completion"
	for _, c := range []struct{ word, candidates, want string }{
		{"credz", side, "creds"},
		{"sevrers", side, "servers"},
		{"user_name", side, "user"},
		{"username", side, "user"},
		{"certificate", side, "tls.cert"},
		{"tls_cert", side, "tls.cert"},
		{"cert_file", side, "tls.cert"},
		{"ca_file", side, "tls.ca"},
		{"url", side, "servers"},
		{"hosts", side, "servers"},
		{"pass", side, "password"},
		{"credentials", side, "creds"},
		{"srvdomain", side, "srv.domain"},
		{"zzzzzz", side, ""},
		{"x", side, ""},
		{"compression", side, ""},
		{"retries", side, ""},
		{"tls_file", side, ""},
		{"clustre", flags, "cluster"},
		{"log_level", flags, "log-level"},
		{"loglevel", flags, "log-level"},
		{"settings", flags, "config"},
		{"frobnicate", flags, ""},
		{"rnu", verbs, "run"},
		{"start", verbs, "run"},
		{"validate", verbs, "check"},
		{"frobnicate", verbs, ""},
		{"ab", verbs, ""},
		{"ver", verbs, "version"},
		{"configuration", verbs, "config"},
		{"RUN", verbs, "run"},
		{"con", "config context", ""},
		{"", verbs, ""},
		{strings.Repeat("x", 10_000), verbs, ""},
		{"warning", "debug info warn error", "warn"},
		{"loud", "debug info warn error", ""},
		{"plugin.choria.middleware_host", "plugin.choria.middleware_hosts", "plugin.choria.middleware_hosts"},
		{"federation_hosts", "plugin.choria.middleware_hosts plugin.choria.federation_middleware_hosts", "plugin.choria.federation_middleware_hosts"},
		{"plugin.choria.srvdomain", "plugin.choria.use_srv plugin.choria.srv_domain", "plugin.choria.srv_domain"},
		{"plugin.security.cipher_suites", "plugin.security.provider plugin.security.choria.ca", ""},
		{"plugin.nats.password", "plugin.nats.pass plugin.nats.user", "plugin.nats.pass"},
		{"plugin.choria.federation.custer", "plugin.choria.federation.cluster", "plugin.choria.federation.cluster"},
		{"FEDRELAY_LIMIT_TARGETS", "FEDRELAY_LIMITS_TARGETS FEDRELAY_LIMITS_HOPS", "FEDRELAY_LIMITS_TARGETS"},
		{"FEDRELAY_FEDERATION_USERNAME", "FEDRELAY_FEDERATION_SERVERS FEDRELAY_FEDERATION_USER", "FEDRELAY_FEDERATION_USER"},
		{"plugin.nats.username", "plugin.nats.pass plugin.nats.user", "plugin.nats.user"},
	} {
		if got := Nearest(c.word, strings.Fields(c.candidates)); got != c.want {
			t.Errorf("%.40q: got %q, want %q", c.word, got, c.want)
		}
	}
}
