package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// told is one thing that is known about the original broker's configuration, and what it must lead
// to here.
type told struct {
	conf   string   // behind base; "-" leaves base out
	env    []string // beside HOME
	shows  string   // lines of config show, without their sources, with ; between them
	warns  string   // text of a warning
	fails  string   // text of the mistake
	secure bool     // without --disable-tls
}

const (
	toldBase  = "plugin.choria.broker_federation = true\n"
	toldHosts = toldBase + "plugin.choria.federation_middleware_hosts = f:4222\nplugin.choria.middleware_hosts = c:4222\n"
)

// whatIsToldOfFiles: how lines, lists and booleans are read.
func whatIsToldOfFiles() map[string]told {
	return map[string]told{
		"comments and blanks":      {conf: toldHosts + "\n  # identity = no\n#identity = no\n\tidentity = yes\t\n", shows: `identity: "yes"`},
		"no blanks around =":       {conf: toldHosts + "identity=r1", shows: "identity: r1"},
		"first = ends the key":     {conf: toldHosts + "plugin.nats.user = a\nplugin.nats.pass=b=c==", shows: "password: (redacted)"},
		"quotes are of the value":  {conf: toldHosts + `identity = 'r1'`, shows: "identity: '''r1'''"},
		"the last one counts":      {conf: toldHosts + "identity = a\nidentity = b", shows: "identity: b"},
		"no value":                 {conf: toldHosts + "identity = ", shows: "identity: host.example.net", warns: "ignored: has no value"},
		"no =":                     {conf: toldHosts + "identity r1", warns: `ignored: not "key = value"`},
		"byte order mark":          {conf: "\ufeff" + toldHosts, shows: "cluster: mcollective"},
		"Windows line ends":        {conf: strings.ReplaceAll(toldHosts+"identity = r1\n", "\n", "\r\n"), shows: "identity: r1"},
		"list":                     {conf: toldHosts + "plugin.choria.middleware_hosts = a:1 ,  b:2", shows: "servers: ['nats://a:1', 'nats://b:2']"},
		"empty element":            {conf: toldHosts + "plugin.choria.middleware_hosts = a:1,,b:2,", shows: "servers: ['nats://a:1', 'nats://b:2']", warns: "an empty element is ignored"},
		"true":                     {conf: "plugin.choria.broker_federation = Yes\n" + strings.TrimPrefix(toldHosts, toldBase), shows: "cluster: mcollective"},
		"t":                        {conf: "plugin.choria.broker_federation = T\n" + strings.TrimPrefix(toldHosts, toldBase), shows: "cluster: mcollective"},
		"anything else is false":   {conf: "plugin.choria.broker_federation = on\n", fails: "plugin.choria.broker_federation: is not true"},
		"duration in seconds":      {conf: toldHosts + "plugin.choria.network.soft_shutdown_timeout = 45", shows: "timeout: 45s"},
		"duration with a unit":     {conf: toldHosts + "plugin.choria.network.soft_shutdown_timeout = 1m30s", shows: "timeout: 1m30s"},
		"duration in days":         {conf: toldHosts + "plugin.choria.network.soft_shutdown_timeout = 1d", shows: "timeout: 24h"},
		"no time at all":           {conf: toldHosts + "plugin.choria.network.soft_shutdown_timeout = 0", shows: "timeout: 30s", warns: "is given some time to drain"},
		"short stop, shorter wait": {conf: toldHosts + "plugin.choria.network.soft_shutdown_timeout = 5", shows: "timeout: 5s;replies: 5s"},
	}
}

// whatIsToldOfVariables: which ones need the key in the file.
func whatIsToldOfVariables() map[string]told {
	login := "plugin.nats.user = bob\nplugin.nats.pass = old\n"
	return map[string]told{
		"SRV domain without the key":   {conf: toldBase, env: []string{"CHORIA_SRV_DOMAIN=dev.example.com"}, shows: "domain: dev.example.com"},
		"SRV domain over the key":      {conf: toldBase + "plugin.choria.srv_domain = a.example", env: []string{"CHORIA_SRV_DOMAIN=dev.example.com"}, shows: "domain: dev.example.com"},
		"SRV domain from the file":     {conf: toldBase + "plugin.choria.srv_domain = a.example", shows: "domain: a.example"},
		"SRV domain of the host":       {conf: toldBase, shows: "domain: example.net"},
		"user without the key":         {conf: toldHosts, env: []string{"MCOLLECTIVE_NATS_USERNAME=eve"}, shows: `user: ""`, warns: "MCOLLECTIVE_NATS_USERNAME: plugin.nats.user: ignored"},
		"password without the key":     {conf: toldHosts, env: []string{"MCOLLECTIVE_NATS_PASSWORD=x"}, shows: `password: ""`, warns: "MCOLLECTIVE_NATS_PASSWORD: plugin.nats.pass: ignored"},
		"credentials without the key":  {conf: toldHosts, env: []string{"MCOLLECTIVE_NATS_CREDENTIALS=/x"}, shows: `creds: ""`, warns: "MCOLLECTIVE_NATS_CREDENTIALS: plugin.nats.credentials: ignored"},
		"user and password":            {conf: toldHosts + login, env: []string{"MCOLLECTIVE_NATS_USERNAME=eve", "MCOLLECTIVE_NATS_PASSWORD=new"}, shows: "user: eve"},
		"credentials over the key":     {conf: toldHosts + "plugin.nats.credentials = /a", env: []string{"MCOLLECTIVE_NATS_CREDENTIALS=/b"}, shows: "creds: /b"},
		"NGS by variable":              {conf: toldBase + "plugin.nats.ngs = false", env: []string{"MCOLLECTIVE_NATS_NGS=true"}, fails: "plugin.nats.ngs: is not supported"},
		"NGS by variable without key":  {conf: toldHosts, env: []string{"MCOLLECTIVE_NATS_NGS=true"}, shows: "cluster: mcollective"},
		"an empty variable":            {conf: toldHosts + login, env: []string{"MCOLLECTIVE_NATS_USERNAME="}, shows: "user: bob"},
		"collectives of a client":      {conf: toldHosts, env: []string{"CHORIA_FED_COLLECTIVE=a"}, shows: "servers: ['nats://c:4222']", warns: "CHORIA_FED_COLLECTIVE: ignored: it is for clients"},
		"certificate name":             {conf: toldHosts + "plugin.choria.ssldir = /s", env: []string{"MCOLLECTIVE_CERTNAME=bob"}, secure: true, shows: "identity: host.example.net;cert: /s/certs/bob.pem"},
		"certificate of the identity":  {conf: toldHosts + "plugin.choria.ssldir = /s\nidentity = r1", secure: true, shows: "cert: /s/certs/r1.pem;key: /s/private_keys/r1.pem;ca: /s/certs/ca.pem"},
		"certificate of the host":      {conf: toldHosts + "plugin.choria.ssldir = /s", secure: true, shows: "cert: /s/certs/host.example.net.pem"},
		"ssldir of a user":             {conf: toldHosts + "plugin.choria.ssldir = ~/s", secure: true, shows: "cert: /h/s/certs/host.example.net.pem"},
		"certificate that is no name":  {conf: toldHosts + "identity = a/b", secure: true, fails: `"a/b" cannot be the name of a certificate file`},
		"identity of ours, cert of it": {conf: toldHosts + "plugin.choria.ssldir = /s", env: []string{"FEDRELAY_IDENTITY=r9"}, secure: true, shows: "identity: r9;cert: /s/certs/host.example.net.pem"},
	}
}

// whatIsToldOfServers: lists, DNS and fallbacks.
func whatIsToldOfServers() map[string]told {
	hosts := func(list string) string { return toldHosts + "plugin.choria.middleware_hosts = " + list }
	none := strings.Replace(toldHosts, "plugin.choria.middleware_hosts = c:4222\n", "", 1)
	return map[string]told{
		"schemes":                      {conf: hosts("nats://a:1, tls://b:2"), shows: "servers: ['nats://a:1', 'tls://b:2']"},
		"websocket":                    {conf: hosts("wss://a:1"), shows: "servers: ['wss://a:1']"},
		"IPv6":                         {conf: hosts("[::1]:4222"), shows: "servers: ['nats://[::1]:4222']"},
		"port is mandatory":            {conf: hosts("a"), fails: `plugin.choria.middleware_hosts: "a": want host:port or nats://host:port; the port is required`},
		"port is mandatory in a URL":   {conf: hosts("nats://a"), fails: "the port is required"},
		"user info is dropped":         {conf: hosts("nats://u:p@a:1"), shows: "servers: ['nats://a:1']", warns: "the user info in a server's address is ignored"},
		"nothing listed":               {conf: toldBase, shows: "servers: [];disabled: false;domain: example.net"},
		"SRV off, federation missing":  {conf: toldBase + "plugin.choria.use_srv = no", fails: "federation.servers: is empty while srv.disabled is true"},
		"SRV off, collective missing":  {conf: none + "plugin.choria.use_srv = no", shows: "servers: ['nats://puppet:4222']", warns: "plugin.choria.middleware_hosts: is not set and plugin.choria.use_srv is off: using puppet:4222"},
		"SRV on, collective missing":   {conf: none, shows: "servers: []"},
		"Ruby's spelling":              {conf: toldBase + "plugin.choria.use_srv_records = f", shows: "disabled: false", warns: "plugin.choria.use_srv_records: ignored: the Ruby broker reads it"},
		"in turn only in Ruby":         {conf: toldHosts + "plugin.choria.randomize_middleware_hosts = false", warns: "servers are always tried in random order"},
		"a client's list":              {conf: toldHosts + "plugin.choria.federation.collectives = a, b", shows: "servers: ['nats://c:4222']", warns: "plugin.choria.federation.collectives: ignored: it is for clients"},
		"one network":                  {conf: toldBase + "plugin.choria.federation_middleware_hosts = a:1\nplugin.choria.middleware_hosts = a:1", warns: "a:1 is on the federation side, too"},
		"cluster":                      {conf: toldHosts + "plugin.choria.federation.cluster = london", shows: "cluster: london"},
		"cluster with dots":            {conf: toldHosts + "plugin.choria.federation.cluster = eu.london", shows: "cluster: eu.london"},
		"instance is only Ruby's":      {conf: toldHosts + "plugin.choria.federation.instance = b1", shows: "identity: host.example.net"},
		"not supported: nats.ngs":      {conf: toldBase + "plugin.nats.ngs = 1", fails: "plugin.nats.ngs: is not supported"},
		"nats.ngs that has no effect":  {conf: toldHosts + "plugin.nats.ngs = 1", shows: "servers: ['nats://c:4222']", warns: "plugin.nats.ngs: ignored"},
		"misspelt list":                {conf: toldBase + "plugin.choria.middleware_host = a:1", warns: "plugin.choria.middleware_host: unknown key, ignored (did you mean plugin.choria.middleware_hosts?)"},
		"federation_hosts":             {conf: toldHosts + "federation_hosts = a:1", warns: "federation_hosts: unknown key, ignored (did you mean plugin.choria.federation_middleware_hosts?)"},
		"srvdomain":                    {conf: toldBase + "plugin.choria.srvdomain = a", warns: "(did you mean plugin.choria.srv_domain?)"},
		"password":                     {conf: toldHosts + "plugin.nats.password = a", warns: "(did you mean plugin.nats.pass?)"},
		"log_level":                    {conf: toldHosts + "log_level = debug", warns: "(did you mean loglevel?)"},
		"nothing near: network broker": {conf: toldHosts + "plugin.choria.network.peer_port = 1\nplugin.choria.network.client_port = 4222", shows: "cluster: mcollective"},
	}
}

// whatIsToldOfOperation: logs, metrics, TLS.
func whatIsToldOfOperation() map[string]told {
	const token = "plugin.security.provider = choria\nplugin.security.choria.token_file = /t\nplugin.security.choria.seed_file = /d\n"
	stats := func(address string) string {
		return toldHosts + "plugin.choria.stats_port = 8222\nplugin.choria.stats_address = " + address
	}
	return map[string]told{
		"level debug":              {conf: toldHosts + "loglevel = debug", shows: "level: debug"},
		"level info":               {conf: toldHosts + "loglevel = info", shows: "level: info"},
		"level warn":               {conf: toldHosts + "loglevel = warn", shows: "level: warn"},
		"level warning":            {conf: toldHosts + "loglevel = warning", shows: "level: warn"},
		"level error":              {conf: toldHosts + "loglevel = error", shows: "level: error"},
		"level fatal":              {conf: toldHosts + "loglevel = fatal", shows: "level: error"},
		"level in capitals":        {conf: toldHosts + "loglevel = DEBUG", shows: "level: debug"},
		"level by default":         {conf: toldHosts, shows: "level: info"},
		"level nobody knows":       {conf: toldHosts + "loglevel = loud", shows: "level: warn", warns: `loglevel: "loud" is no level; using warn, as the original broker does`},
		"log to a file":            {conf: toldHosts + "logfile = /var/log/choria.log", warns: "logfile: ignored: logs go to stderr; redirect that"},
		"log nothing":              {conf: toldHosts + "logfile = discard", warns: "logfile: ignored: logs go to stderr; send that to /dev/null"},
		"log to stdout":            {conf: toldHosts + "logfile = stdout", shows: "level: info"},
		"no stats port":            {conf: toldHosts + "plugin.choria.stats_address = 0.0.0.0", shows: "listen: 127.0.0.1:8280"},
		"stats port 0":             {conf: toldHosts + "plugin.choria.stats_port = 0", shows: "listen: 127.0.0.1:8280"},
		"stats port":               {conf: toldHosts + "plugin.choria.stats_port = 8222", shows: "listen: 127.0.0.1:8222"},
		"stats address":            {conf: stats("localhost"), shows: "listen: localhost:8222"},
		"stats everywhere":         {conf: stats("0.0.0.0"), shows: "listen: 0.0.0.0:8222", warns: "plugin.choria.stats_address: metrics and health are open to everybody"},
		"stats everywhere, IPv6":   {conf: stats("::"), shows: "listen: '[::]:8222'", warns: "plugin.choria.stats_address: metrics and health are open to everybody"},
		"stats everywhere, [::]":   {conf: stats("[::]"), shows: "listen: '[::]:8222'", warns: "open to everybody"},
		"stats port of no kind":    {conf: toldHosts + "plugin.choria.stats_port = lots", fails: `"lots" is not a port`},
		"connect timeout":          {conf: toldHosts + "plugin.choria.network.connect_timeout = 5s", warns: "the time for one connect is fixed"},
		"one login, both sides":    {conf: toldHosts + "plugin.nats.credentials = ~/c", shows: "creds: /h/c"},
		"files":                    {conf: toldHosts + "plugin.security.provider = file\nplugin.security.file.certificate = /c\nplugin.security.file.key = /k\nplugin.security.file.ca = /a", secure: true, shows: "cert: /c;key: /k;ca: /a"},
		"files, one missing":       {conf: toldHosts + "plugin.security.provider = file\nplugin.security.file.certificate = /c\nplugin.security.file.ca = /a", secure: true, fails: "plugin.security.file.key: is not set"},
		"token":                    {conf: toldHosts + token + "plugin.security.choria.ca = /a", secure: true, shows: "token: /t;seed: /d;ca: /a;required: false"},
		"token without CA":         {conf: toldHosts + token, secure: true, shows: "token: /t;required: true", warns: "plugin.security.choria.ca: is not set: the original broker then accepts any server"},
		"token without CA, SRV":    {conf: toldBase + token, secure: true, shows: "servers: [];required: true"},
		"anonymous TLS":            {conf: toldHosts + "plugin.security.server_anon_tls = 1", secure: true, shows: "insecure_skip_verify: true", warns: "the server is not verified"},
		"anonymous TLS, client":    {conf: toldHosts + "plugin.security.client_anon_tls = 1\nplugin.choria.security.request_signer.token_file = /t\nplugin.choria.security.request_signer.seed_file = /d", secure: true, shows: "token: /t;seed: /d;insecure_skip_verify: true"},
		"--disable-tls":            {conf: toldHosts + "plugin.security.provider = pkcs11", shows: `ca: ""`},
		"a provider of no kind":    {conf: toldHosts + "plugin.security.provider = x", secure: true, fails: "want puppet, file or choria"},
		"pkcs11":                   {conf: toldHosts + "plugin.security.provider = pkcs11", secure: true, fails: "is not supported"},
		"cipher suites":            {conf: toldHosts + "plugin.security.cipher_suites = a", warns: "TLS 1.2 or later"},
		"certificates without SAN": {conf: toldHosts + "plugin.security.support_legacy_certificates = 1", warns: "must name their hosts"},
	}
}

func TestWhatIsToldOfTheOriginalConfiguration(t *testing.T) {
	for part, table := range map[string]map[string]told{
		"files": whatIsToldOfFiles(), "variables": whatIsToldOfVariables(), "servers": whatIsToldOfServers(), "operation": whatIsToldOfOperation(),
	} {
		for name, c := range table {
			t.Run(part+"/"+name, func(t *testing.T) { c.hold(t) })
		}
	}
}

func (c told) hold(t *testing.T) {
	r, err := Resolve(Sources{
		Choria: choriaFiles(t, c.conf, nil), ChoriaWithoutTLS: !c.secure, SkipFiles: true,
		Environ: append([]string{"HOME=/h"}, c.env...), Host: fakeHost{kernel: "host.example.net"}.host(),
	})
	if c.fails != "" {
		if err == nil || !strings.Contains(err.Error(), c.fails) {
			t.Errorf("got %v, want %s", err, c.fails)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	shown, err := r.Effective()
	if err != nil {
		t.Fatal(err)
	}
	lines := valuesOf(shown)
	for _, want := range strings.Split(c.shows, ";") {
		if want != "" && !slices.Contains(lines, want) {
			t.Errorf("no %q in\n%s", want, shown)
		}
	}
	if all := strings.Join(r.Warnings, "\n"); !strings.Contains(all, c.warns) {
		t.Errorf("no %q in\n%s", c.warns, all)
	} else if c.warns == "" && strings.Contains(all, "unknown key") {
		t.Errorf("a known key is called unknown:\n%s", all)
	}
}

// valuesOf are the lines of config show without their sources.
func valuesOf(shown string) (lines []string) {
	for line := range strings.Lines(shown) {
		value, _, _ := strings.Cut(line, " # ")
		lines = append(lines, strings.TrimSpace(value))
	}
	return lines
}

func TestPluginFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "odd [name]")
	write(t, filepath.Join(dir, "broker.conf"), toldHosts+"plugin.choria.srv_domain = main\n")
	write(t, filepath.Join(dir, "plugin.d", "choria.cfg"), "\ufefffederation.cluster = a\nsrv_domain = later\n")
	write(t, filepath.Join(dir, "plugin.d", "nats.cfg"), "user = u\npass = p\n")
	write(t, filepath.Join(dir, "plugin.d", "package.cfg"), "provider = puppet\n")
	write(t, filepath.Join(dir, "plugin.d", "choria.conf"), "federation.cluster = no\n")
	write(t, filepath.Join(dir, "plugin.d", "choria.cfg.rpmsave"), "federation.cluster = no\n")
	for home, want := range map[string]string{"/h": "a later u", dir: "mcollective main ", filepath.Dir(dir) + "/": "mcollective main ", dir[:len(dir)-1]: "a later u"} {
		r, err := Resolve(Sources{Choria: filepath.Join(dir, "broker.conf"), ChoriaWithoutTLS: true, Hostname: "h", Environ: []string{"HOME=" + home}})
		if err != nil {
			t.Fatal(err)
		}
		check(t, "HOME="+home, r.Config.Cluster+" "+r.Config.Federation.SRV.Domain+" "+r.Config.Federation.User, want)
	}
	if err := os.RemoveAll(filepath.Join(dir, "plugin.d")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "plugin.d"), "not a folder")
	_, err := Resolve(Sources{Choria: filepath.Join(dir, "broker.conf"), ChoriaWithoutTLS: true, Hostname: "h", Environ: []string{"HOME=/h"}})
	if err == nil || !strings.Contains(err.Error(), "cannot list plugin.d: not a directory") {
		t.Errorf("got %v", err)
	}
}
