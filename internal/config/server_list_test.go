package config

import (
	"strings"
	"testing"
)

// A password may hold a comma, at which lists are cut, and more that is wrong in an address. No
// half of it may be shown, wherever the list comes from, nor go to DNS as the name of a host.
func TestALoginThatIsCutAtACommaIsHidden(t *testing.T) {
	for _, list := range []string{
		"nats://u:S3C,R3T@h:1", "u:S3C,R3T@h:1", "nats://S3C,R3T@h:1", "nats://u:9933,9944@h:1", "nats://u:S3C,x,R3T@h",
		"nats://u:S3C,x://R3T@h", "nats://u:S3C@S3C,R3T@h", "nats://u:S3C,12,R3T@h", " nats://u:S3C , R3T@h", "a:1,u:S3C,R3T@h",
		"nats://u:S3C R3T@h", "u:S3C R3T@h", "nats://a:1,nats://u:S3C,R3T@h", "nats://u:S3C,nats://R3T@h", "foo:S3C://R3T@h",
	} {
		for way, source := range map[string]Sources{
			"variable": {Environ: []string{"FEDRELAY_FEDERATION_SERVERS=" + list}},
			"flag":     {Flags: []Flag{{Name: "--federation", Key: "federation.servers", Values: []string{list}}}},
			"flow":     {File: yamlFile(t, "federation: {servers: ["+list+"], name: x}\n")},
			"no list":  {File: yamlFile(t, "federation: {servers: "+list+"}\n")},
			"block":    {File: yamlFile(t, "federation:\n  servers:\n  - "+list+"\n")},
			"choria": {Choria: choriaFiles(t, "plugin.choria.broker_federation = true\n"+
				"plugin.choria.federation_middleware_hosts = "+list+"\nplugin.choria.middleware_hosts = "+list+"\n", nil)},
		} {
			source.Environ = append(source.Environ, "FEDRELAY_CLUSTER=c")
			r, err := Resolve(source)
			if err == nil {
				t.Errorf("%s %s: accepted", way, list)
				continue
			}
			effective, _ := r.Effective()
			shown := strings.Join(append(r.Warnings, r.Notes...), "\n") + effective + r.Config.Summary() + err.Error()
			for _, part := range []string{"S3C", "R3T", "9933", "9944"} {
				if strings.Contains(shown, part) {
					t.Errorf("%s %s: %s is shown:\n%s", way, list, part, shown)
				}
			}
		}
	}
}

func TestListsWithLogins(t *testing.T) {
	for list, cut := range map[string]bool{
		"u:p@a:1,u:p@b:1": false, "nats://u:p@a,nats://u:p@b": false, "nats://a,tls://u:p@b": false, "a,b": false,
		"u:p@a": false, "u:p@a,b": false, "NATS://a, NATS://u:p@b": false,
		"a,u:p@b": true, "nats://u:p,w@b": true,
	} {
		if got := IsCut(splitList(list)); got != cut {
			t.Errorf("%s: %t", list, got)
		}
	}
	_, err := Resolve(Sources{Environ: []string{"FEDRELAY_CLUSTER=c", "FEDRELAY_COLLECTIVE_SERVERS=b", "FEDRELAY_FEDERATION_SERVERS=nats://u:p,w@a"}})
	if err == nil || !strings.Contains(err.Error(), "FEDRELAY_FEDERATION_SERVERS: federation.servers: may be one login that was cut") || !strings.Contains(err.Error(), "%2C") {
		t.Errorf("error %v", err)
	}
	c, err := Load(Sources{Environ: []string{"FEDRELAY_CLUSTER=c", "FEDRELAY_COLLECTIVE_SERVERS=b", "FEDRELAY_FEDERATION_SERVERS=nats://u:p%2Cw@a"}})
	if err != nil || !hasUserInfo(c.Federation.Servers[0]) {
		t.Errorf("%v: %v", c.Federation.Servers, err)
	}
}

// The rest of a password is no key, and the lines of one are no values.
func TestTheRestOfAPasswordIsHidden(t *testing.T) {
	for _, text := range []string{
		"federation: {user: u, password: S3C,R3T}\n", "federation: {servers: [h], token: S3C, R3T}\n",
		"federation: {user: u,\n  password: S3C,\n  R3T}\n", "federation: {user: u, password: S3C,\n  R3T, servers: [a]}\n",
		"federation:\n  password:\n  - S3C\n  - R3T\n", "federation:\n  servers: [nats://u:S3C,\n    R3T@h]\n",
		"federation:\n  servers:\n  - nats://u:S3C,\n  - R3T@h\n", "federation:\n  servers: \"nats://u:S3C\n    R3T@h\"\n",
		"federation:\n  servers: [\"u:[S3C]R3T@h\"]\n", "federation:\n  servers: [\"u:S3C\\\"R3T@h\", x]\n",
		"federation:\n  servers: [u:S3C\"R3T@h, x]\n", "federation:\n  servers: [u:S3C]R3T@h, x]\n",
		"federation:\n  user: u\n  password: |\n    S3C\n   R3T\n", "federation:\n  password: >\n    S3C\n\n   R3T: x\n  user: u\n",
	} {
		_, err := Resolve(Sources{File: yamlFile(t, text)})
		if err == nil || strings.Contains(err.Error(), "S3C") || strings.Contains(err.Error(), "R3T") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func yamlFile(t *testing.T, text string) string {
	path := t.TempDir() + "/fedrelay.yaml"
	write(t, path, text)
	return path
}
