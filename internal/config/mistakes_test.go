package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const sides = `
federation:
  servers: [nats://fed.example.net:4222]
collective:
  servers: [nats://col.example.net:4222]
`

const (
	listed = "\n  servers: [nats://fed.example.net:4222]" + other
	other  = "\ncollective:\n  servers: [nats://col.example.net:4222]\n"
)

// mistakes are what operators do. Every error must name the place, the key and a way out.
func mistakes() map[string]struct{ yaml, place, says string } {
	return map[string]struct{ yaml, place, says string }{
		"unknown key":            {"cluster: a\nfederation:\n  credz: /x" + listed, "3:3", `unknown key "credz" in federation (did you mean "creds"?)`},
		"unknown section":        {"cluster: a\nfederations: {}" + sides, "2:1", `unknown key "federations" (did you mean "federation"?)`},
		"key in wrong section":   {"cluster: a\nservers: [x]" + sides, "2:1", `did you mean "federation.servers"?`},
		"dotted key":             {"cluster: a\nlimits.targets: 5" + sides, "2:1", `did you mean "limits: {targets: ...}"?`},
		"a section too deep":     {"cluster: a\nfederation:\n  identity: x" + listed, "3:3", `unknown key "identity" in federation (did you mean the one outside of all sections?)`},
		"other word":             {"cluster: a\nfederation:\n  certificate: /x" + listed, "3:3", `unknown key "certificate" in federation (did you mean "federation.tls.cert"?)`},
		"other side's word":      {"cluster: a\ncollective:\n  ca_file: /x" + listed, "3:3", `unknown key "ca_file" in collective (did you mean "collective.tls.ca"?)`},
		"two words":              {"cluster: a\nfederation:\n  user_name: x" + listed, "3:3", `(did you mean "user"?)`},
		"url":                    {"cluster: a\nfederation:\n  url: nats://a" + other, "3:3", `(did you mean "servers"?)`},
		"below":                  {"cluster: a\nfederation:\n  domain: a" + listed, "3:3", `(did you mean "federation.srv.domain"?)`},
		"log_level":              {"cluster: a\nlog_level: warn" + sides, "2:1", `(did you mean "log.level"?)`},
		"nothing near":           {"cluster: a\nhttp: {zzzzzz: 1}" + sides, "2:8", `unknown key "zzzzzz" in http (allowed: listen, pprof, choria_metrics, remote)`},
		"duplicate key":          {"cluster: a\ncluster: b" + sides, "2:1", "cluster: duplicate key, first set at line 1; remove one"},
		"duplicate section":      {"cluster: a\nhttp: {pprof: true}\nhttp: {listen: 'off'}" + sides, "3:1", "http: duplicate key"},
		"missing cluster":        {"compat: strict" + sides, "1:1", `cluster: is not set; add "cluster: london"`},
		"cluster with dot":       {"cluster: lon..don" + sides, "1:10", `cluster: "lon..don" has an empty part; want words of letters, digits, - and _, with a dot between them`},
		"cluster with space":     {"cluster: lon don" + sides, "1:10", `has " " at byte 4`},
		"cluster wildcard":       {"cluster: '*'" + sides, "1:10", `has "*" at byte 1`},
		"cluster a number":       {"cluster: 0123" + sides, "1:10", `cluster: want text, got a number; put it in quotes: "0123"`},
		"cluster a list":         {"cluster: [a]" + sides, "1:10", "cluster: want text, got a list"},
		"cluster null":           {"cluster:" + sides, "1:9", "cluster: has no value; want text, or remove the key"},
		"section a string":       {"cluster: a\nhttp: ':8280'" + sides, "2:7", "http: want a section with the keys listen, pprof, choria_metrics, remote"},
		"list a string":          {"cluster: a\nfederation:\n  servers: nats://a:4222" + other, "3:12", "federation.servers: want a list such as [a, b]; write [nats://a:4222]"},
		"targets zero":           {"cluster: a\nlimits:\n  targets: 0" + sides, "3:12", "limits.targets: 0 is out of range; want 1 to 10000000"},
		"targets words":          {"cluster: a\nlimits:\n  targets: many" + sides, "3:12", `limits.targets: "many": want a whole number, in digits only`},
		"targets fraction":       {"cluster: a\nlimits:\n  targets: 1.5" + sides, "3:12", `limits.targets: "1.5": want a whole number`},
		"subject length":         {"cluster: a\nlimits: {subject_length: 2000}" + sides, "2:26", "limits.subject_length: 2000 is out of range; want 16 to 1024"},
		"lanes zero":             {"cluster: a\npipeline: {lanes: 0}" + sides, "2:19", `pipeline.lanes: "0": want auto, or a number from 1 to 64`},
		"lanes words":            {"cluster: a\npipeline: {lanes: many}" + sides, "2:19", `pipeline.lanes: "many": want auto, or a number from 1 to 64`},
		"lanes too many":         {"cluster: a\npipeline: {lanes: 65}" + sides, "2:19", "pipeline.lanes: 65 is out of range; want auto, or 1 to 64"},
		"lanes negative":         {"cluster: a\npipeline: {lanes: -1}" + sides, "2:19", "pipeline.lanes: -1 is out of range; want auto, or 1 to 64"},
		"lanes a list":           {"cluster: a\npipeline: {lanes: [1]}" + sides, "2:19", "pipeline.lanes: want auto or a whole number, got a list"},
		"size unit":              {"cluster: a\nlimits: {fanout_bytes: 1 parsec}" + sides, "2:24", "limits.fanout_bytes: \"1 parsec\": want a size such as 262144, 256KiB or 64MiB"},
		"size too large":         {"cluster: a\nlimits: {fanout_bytes: 99999999999999TiB}" + sides, "2:24", "is too large for a size"},
		"duration without unit":  {"cluster: a\ndrain: {timeout: 30}" + sides, "2:18", `drain.timeout: "30": has no unit; write 30s for seconds`},
		"duration words":         {"cluster: a\ndrain: {timeout: soon}" + sides, "2:18", "want a duration such as 500ms, 30s or 5m"},
		"duration out of range":  {"cluster: a\nstats: {interval: 1ms}" + sides, "2:19", "stats.interval: 1ms is out of range; want 1s to 1h"},
		"replies beyond timeout": {"cluster: a\ndrain: {timeout: 5s, replies: 10s}" + sides, "2:31", "drain.replies: 10s is longer than drain.timeout (5s)"},
		"boolean yes":            {"cluster: a\nhttp: {pprof: yes}" + sides, "2:15", `http.pprof: "yes": want true or false`},
		"trace sometimes":        {"cluster: a\ntrace: sometimes" + sides, "2:8", `trace: "sometimes" is not allowed; want preserve, always, never`},
		"trace nearly":           {"cluster: a\ntrace: allways" + sides, "2:8", `(did you mean "always"?)`},
		"compat":                 {"cluster: a\ncompat: loose" + sides, "2:9", "want strict, peer"},
		"log level":              {"cluster: a\nlog: {level: trace}" + sides, "2:14", "want debug, info, warn, error"},
		"log format":             {"cluster: a\nlog: {format: jsno}" + sides, "2:15", `(did you mean "json"?)`},
		"listen without port":    {"cluster: a\nhttp: {listen: localhost}" + sides, "2:16", `http.listen: "localhost" is not host:port; want 127.0.0.1:8280`},
		"listen a number":        {"cluster: a\nhttp: {listen: 8280}" + sides, "2:16", "http.listen: want text, got a number"},
		"pprof without listener": {"cluster: a\nhttp: {listen: 'off', pprof: true}" + sides, "2:30", "http.pprof: is true while http.listen is off"},
		"remote without TLS":     {"cluster: a\nhttp: {remote: {listen: ':8443', user: a, password: b}}" + sides, "2:25", `http.remote.listen: ":8443" can be reached from other machines, so it must have TLS; set http.remote.cert`},
		"remote for everybody":   {"cluster: a\nhttp: {remote: {listen: '10.0.0.1:8443', cert: a, key: b}}" + sides, "2:25", `http.remote.listen: "10.0.0.1:8443" can be reached from other machines, so clients must log in; set http.remote.user`},
		"remote without listen":  {"cluster: a\nhttp: {remote: {user: a, password: b}}" + sides, "2:8", `http.remote.listen: is off while other settings of http.remote are set`},
		"remote cert, no key":    {"cluster: a\nhttp: {remote: {listen: '127.0.0.1:0', cert: /c}}" + sides, "2:46", "http.remote.cert: is set without http.remote.key; set both or neither"},
		"remote password":        {"cluster: a\nhttp: {remote: {listen: '127.0.0.1:0', user: a}}" + sides, "2:46", "http.remote.user: is set without http.remote.password; set both or neither"},
		"remote authorities":     {"cluster: a\nhttp: {remote: {listen: '127.0.0.1:0', client_ca: /c}}" + sides, "2:51", "http.remote.client_ca: is set without http.remote.cert"},
		"remote listen":          {"cluster: a\nhttp: {remote: {listen: localhost, cert: a, key: b, user: c, password: d}}" + sides, "2:25", `http.remote.listen: "localhost" is not host:port; want :8443`},
		"remote cert missing":    {"cluster: a\nhttp: {remote: {listen: '127.0.0.1:0', cert: /nonexistent, key: /nonexistent}}" + sides, "2:46", "http.remote.cert: /nonexistent: no such file or directory"},
		"identity with quote":    {"cluster: a\nidentity: 'a\"b'" + sides, "2:11", "identity: \"a\\\"b\": byte 2 is not allowed; use printable ASCII"},
		"bad scheme":             {"cluster: a\nfederation: {servers: ['natz://a:4222']}" + other, "2:24", `federation.servers[0]: "natz://a:4222": scheme "natz":// (did you mean "nats"?)`},
		"IPv6 unquoted":          {"cluster: a\nfederation: {servers: [nats://[::1]:4222]}" + other, "2:31", "not valid YAML: did not find expected ',' or ']'; close what line 2 opens, and quote values that hold any of [ ] { } ,"},
		"list not closed":        {"cluster: a\nfederation: {servers: [nats://a:1}" + other, "2:34", "close what line 2 opens"},
		"percent":                {"cluster: %a" + sides, "1:10", "found character that cannot start any token; put the value in quotes"},
		"no space after colon":   {"cluster:a" + sides, "2:11", "not valid YAML: mapping values are not allowed in this context; look for a colon, or the space behind one, that is missing there or before"},
		"no colon":               {"cluster: a\nidentity b" + sides, "3:1", `could not find expected ':'; look for a colon`},
		"no settings":            {"cluster london\n", "1:1", `want settings such as "cluster: london"; look for a colon`},
		"two colons":             {"cluster: a: b" + sides, "1:11", `and quote values that hold ": "`},
		"directive":              {"%YAML 1.2\n---\ncluster: a" + sides, "1:1", "directives are not supported; remove the line"},
		"merge key":              {"cluster: a\n<<: {trace: always}" + sides, "2:1", "anchors, aliases and merge keys are not supported"},
		"unknown alias":          {"cluster: *a" + sides, "1:10", "anchors, aliases and merge keys are not supported"},
		"list as key":            {"cluster: a\n? [a]\n: b" + sides, "2:3", "want a key such as cluster, got a list"},
		"after an umlaut":        {"cluster: a\nhttp: {listen: 'ü', pprof: 5}" + sides, "2:29", `http.pprof: "5": want true or false`},
		"bad port":               {"cluster: a\nfederation: {servers: ['nats://a:99999']}" + other, "2:24", "port must be 1 to 65535"},
		"second server bad":      {"cluster: a\nfederation:\n  servers:\n    - nats://a:4222\n    - nats://" + other, "5:7", "federation.servers[1]: \"nats://\": has no host name"},
		"servers in one string":  {"cluster: a\nfederation: {servers: ['nats://a:1,nats://b:1']}" + other, "2:24", "holds a comma; write each server as an element of its own"},
		"mixed websocket":        {"cluster: a\nfederation: {servers: ['ws://a:1', 'nats://b:1']}" + other, "2:23", "cannot be mixed"},
		"TLS over ws":            {"cluster: a\nfederation: {servers: ['ws://a:1'], tls: {required: true}}" + other, "2:24", `federation.servers[0]: "ws://a:1" has no TLS, which federation.tls asks for; write wss://`},
		"cert without key":       {"cluster: a\nfederation:\n  servers: [nats://a:1]\n  tls: {cert: /c.pem}" + other, "4:15", "federation.tls.cert: is set without federation.tls.key; set both or neither"},
		"two credentials":        {"cluster: a\nfederation:\n  servers: [nats://a:1]\n  creds: /c\n  nkey: /n" + other, "5:9", "federation.nkey: is a second kind of credential beside federation.creds; keep one"},
		"user without password":  {"cluster: a\nfederation:\n  servers: [nats://a:1]\n  user: bob" + other, "4:9", "federation.user: is set without federation.password"},
		"token without seed":     {"cluster: a\nfederation:\n  servers: [nats://a:1]\n  choria: {token: /t}" + other, "4:19", "federation.choria.token: is set without federation.choria.seed"},
		"srv off, no servers":    {"cluster: a\nfederation: {srv: {disabled: true}}" + other, "2:1", "federation.servers: is empty while srv.disabled is true; list the servers"},
		"undefined variable":     {"cluster: ${NOWHERE}" + sides, "1:10", "cluster: ${NOWHERE}: the environment variable NOWHERE is not set; set it or write the value out"},
		"unclosed variable":      {"cluster: '${A'" + sides, "1:10", `"${" without "}"`},
		"missing file":           {"cluster: ${file:/nonexistent}" + sides, "1:10", "${file:/nonexistent}: no such file or directory"},
		"missing creds":          {"cluster: a\nfederation: {servers: [nats://a], creds: /nonexistent}" + other, "2:42", "federation.creds: /nonexistent: no such file or directory"},
		"open reply":             {"cluster: a\nallow: {replies: ['>']}" + sides, "2:19", `allow.replies[0]: ">" is too wide`},
		"bad collective":         {"cluster: a\nallow: {collectives: [a, 'b c']}" + sides, "2:26", `allow.collectives[1]: "b c" must be one subject token`},
		"tab":                    {"cluster: a\nlimits:\n\ttargets: 1" + sides, "3:1", "not valid YAML"},
		"unclosed quote":         {"cluster: \"a" + sides, "1:10", "not valid YAML"},
		"alias":                  {"cluster: &a x\nidentity: *a" + sides, "1:10", "anchors, aliases and merge keys are not supported; write the value out"},
		"tag":                    {"cluster: !!str a" + sides, "1:10", "tags such as !!str are not supported"},
		"return address":         {"cluster: a\nreturn_address: {mode: seal}" + sides, "2:24", `return_address.mode: "seal" is not allowed; want plain, sealed, require (did you mean "sealed"?)`},
		"sealed without keys":    {"cluster: a\nreturn_address:\n  mode: require" + sides, "3:9", "return_address.mode: is require without return_address.keys; name a file there that fedrelay keys new has made"},
		"missing keys":           {"cluster: a\nreturn_address: {mode: sealed, keys: /nonexistent}" + sides, "2:38", "return_address.keys: /nonexistent: no such file or directory"},
		"keys for later":         {"cluster: a\nreturn_address: {keys: /nonexistent}" + sides, "2:24", "return_address.keys: /nonexistent: no such file or directory"},
		"lifetime":               {"cluster: a\nreturn_address: {lifetime: 1s}" + sides, "2:28", "return_address.lifetime: 1s is out of range; want 10s to 168h"},
		"two documents, broken":  {"cluster: a" + sides + "---\ncluster: [\n", "8:1", "not valid YAML"},
		"two documents":          {"cluster: a" + sides + "---\ncluster: b\n", "6:1", "a configuration is one document, remove the ---"},
	}
}

func TestEveryMistakeNamesItsPlaceAndAFix(t *testing.T) {
	for name, m := range mistakes() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "fedrelay.yaml")
			if err := os.WriteFile(path, []byte(m.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(Sources{File: path, Hostname: "relay1"})
			if err == nil {
				t.Fatalf("no error for:\n%s", m.yaml)
			}
			if !hasProblem(err, "config: "+path+":"+m.place+": ", m.says) {
				t.Errorf("got  %s\nwant place %s saying %s", err, m.place, m.says)
			}
		})
	}
}

func hasProblem(err error, prefix, says string) bool {
	return slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(line string) bool {
		return strings.HasPrefix(line, prefix) && strings.Contains(line, says)
	})
}
