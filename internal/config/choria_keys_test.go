package config

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Every configuration is full of keys of Choria's other parts and of agents.
func TestKeysOfOtherPartsAreNotCalledMisspelt(t *testing.T) {
	names, err := os.ReadFile("testdata/other-keys.txt")
	if err != nil {
		t.Fatal(err)
	}
	for key := range strings.FieldsSeq(string(names)) {
		if meant := meantKey(key); meant != "" {
			t.Errorf("%s is taken for %s", key, meant)
		}
	}
}

func TestMisspeltKeysAreNamed(t *testing.T) {
	for key, want := range map[string]string{
		"plugin.choria.middleware_host":             "plugin.choria.middleware_hosts",
		"plugin.choria.middleware_servers":          "plugin.choria.middleware_hosts",
		"plugin.choria.middlewarehosts":             "plugin.choria.middleware_hosts",
		"middleware_hosts":                          "plugin.choria.middleware_hosts",
		"federation_hosts":                          "plugin.choria.federation_middleware_hosts",
		"plugin.choria.federation.middleware_hosts": "plugin.choria.federation_middleware_hosts",
		"plugin.choria.federation_cluster":          "plugin.choria.federation.cluster",
		"plugin.choria.federation.clustr":           "plugin.choria.federation.cluster",
		"srvdomain":                                 "plugin.choria.srv_domain",
		"plugin.choria.srvdomain":                   "plugin.choria.srv_domain",
		"plugin.choria.usesrv":                      "plugin.choria.use_srv",
		"plugin.choria.broker.federation":           "plugin.choria.broker_federation",
		"plugin.choria.stats.port":                  "plugin.choria.stats_port",
		"plugin.nats.username":                      "plugin.nats.user",
		"plugin.nats.password":                      "plugin.nats.pass",
		"plugin.nats.creds":                         "plugin.nats.credentials",
		"plugin.security.file.cert":                 "plugin.security.file.certificate",
		"plugin.choria.ssl_dir":                     "plugin.choria.ssldir",
		"log_level":                                 "loglevel",
		"identiy":                                   "identity",
		"my_own_key":                                "",
		"plugin.choria.zzz":                         "",
	} {
		if got := meantKey(key); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}

// A key that is followed and not in the list would be called unknown beside itself.
func TestEveryKeyThatIsLookedAtIsInTheList(t *testing.T) {
	for _, provider := range []string{"puppet", "file", "choria"} {
		for _, anonymous := range []string{"", "plugin.security.server_anon_tls = 1\n", "plugin.security.client_anon_tls = 1\n"} {
			l := newLoader(Sources{Choria: "/c/broker.conf", Environ: []string{"HOME=/h"}, Hostname: "h.example.net", SkipFiles: true})
			c := newChoria(l)
			c.parse("/c/broker.conf", "", []byte(toldHosts+"plugin.security.provider = "+provider+"\n"+anonymous))
			c.translate()
			for key := range c.used {
				if !slices.Contains(followed, key) && !slices.Contains(strangers, key) && key != "logfile" {
					t.Errorf("%s is looked at and not in the list", key)
				}
			}
		}
	}
}
