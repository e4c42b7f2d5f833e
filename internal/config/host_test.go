package config

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fakeHost is a host without a network.
type fakeHost struct {
	kernel    string
	addresses string // of its name, from the hosts file or DNS
	names     string // of its first address
	resolver  string // resolv.conf
	dns       error  // what both look-ups say instead
}

var errNotThere = &net.DNSError{Err: "no such host", IsNotFound: true}

func (p fakeHost) host() Host {
	return Host{
		Name: func() (string, error) { return p.kernel, nil },
		Addresses: func(context.Context, string) ([]net.IP, error) {
			var all []net.IP
			for _, a := range strings.Fields(p.addresses) {
				all = append(all, net.ParseIP(a))
			}
			if len(all) == 0 && p.dns == nil {
				return nil, errNotThere
			}
			return all, p.dns
		},
		Names: func(_ context.Context, address string) ([]string, error) {
			if p.names == "" || net.ParseIP(address).To4() == nil {
				return nil, errNotThere
			}
			return strings.Fields(p.names), p.dns
		},
		Resolver: func() ([]byte, error) { return []byte(p.resolver), nil },
	}
}

func hostsOfAllKinds() map[string]struct {
	fakeHost
	identity, domain string
} {
	type row = struct {
		fakeHost
		identity, domain string
	}
	return map[string]row{
		"a full name":               {fakeHost{kernel: "r1.prod.example.com", names: "other.example.org"}, "r1.prod.example.com", "prod.example.com"},
		"a short domain":            {fakeHost{kernel: "r1.lan"}, "r1.lan", "lan"},
		"short domain, more in DNS": {fakeHost{kernel: "r1.prod", addresses: "192.0.2.1", names: "r1.prod.example.com."}, "r1.prod.example.com", "prod.example.com"},
		"in DNS":                    {fakeHost{kernel: "r1", addresses: "192.0.2.1", names: "r1.prod.example.com."}, "r1.prod.example.com", "prod.example.com"},
		"in the hosts file":         {fakeHost{kernel: "r1", addresses: "127.0.1.1", names: "r1.prod.example.com r1"}, "r1.prod.example.com", "prod.example.com"},
		"IPv6 first":                {fakeHost{kernel: "r1", addresses: "2001:db8::1 192.0.2.1", names: "r1.example.com"}, "r1.example.com", "example.com"},
		"IPv6 only":                 {fakeHost{kernel: "r1", addresses: "2001:db8::1", names: "r1.example.com", resolver: "search example.org"}, "r1.example.org", "example.org"},
		"an alias of localhost":     {fakeHost{kernel: "r1", addresses: "127.0.0.1", names: "localhost", resolver: "domain example.org"}, "r1.example.org", "example.org"},
		"localhost.localdomain":     {fakeHost{kernel: "r1", addresses: "127.0.0.1", names: "localhost.localdomain"}, "r1", ""},
		"domain in resolv.conf":     {fakeHost{kernel: "r1", resolver: "nameserver 192.0.2.53\nsearch a.example b.example\ndomain c.example.\n"}, "r1.c.example", "c.example"},
		"search in resolv.conf":     {fakeHost{kernel: "r1", resolver: "# x\nsearch a.example. b.example\nsearch d.example"}, "r1.a.example", "a.example"},
		"nothing anywhere":          {fakeHost{kernel: "r1", resolver: "nameserver 192.0.2.53\nsearch\n"}, "r1", ""},
		"DNS down, domain known":    {fakeHost{kernel: "r1", dns: errors.New("timeout"), resolver: "search a.example"}, "r1.a.example", "a.example"},
	}
}

func TestIdentityAndDomainOnEveryKindOfHost(t *testing.T) {
	for name, h := range hostsOfAllKinds() {
		t.Run(name, func(t *testing.T) {
			path := choriaFiles(t, "plugin.choria.broker_federation = true\nplugin.choria.middleware_hosts = c:4222\nplugin.choria.ssldir = /ssl\n", nil)
			r, err := Resolve(Sources{Choria: path, Host: h.host(), SkipFiles: true})
			check(t, "identity", r.Config.Identity, h.identity)
			check(t, "certificate", filepath.Base(r.Config.Federation.TLS.Cert), h.identity+".pem")
			check(t, "domain", r.Config.Federation.SRV.Domain, h.domain)
			if h.domain != "" && err != nil || h.domain == "" && (err == nil || !strings.Contains(err.Error(), "plugin.choria.federation_middleware_hosts: is not set, and this host has no domain")) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The original broker then looks servers up in no domain, finds none, and takes puppet:4222 for the
// collective.
func TestHostWithoutADomain(t *testing.T) {
	conf := "plugin.choria.broker_federation = true\nplugin.choria.federation_middleware_hosts = f:4222\n"
	r, err := Resolve(Sources{Choria: choriaFiles(t, conf, nil), Host: fakeHost{kernel: "r1"}.host(), ChoriaWithoutTLS: true})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "servers", strings.Join(r.Config.Collective.Servers, " "), "nats://puppet:4222")
	wantWarning(t, r, "plugin.choria.middleware_hosts: is not set, and this host has no domain to look servers up in: using puppet:4222")
}

// A relay that starts while DNS does not answer must wait for it: that is no mistake of the
// operator's.
func TestDomainThatDNSDoesNotTellYet(t *testing.T) {
	path := choriaFiles(t, "plugin.choria.broker_federation = true\n", nil)
	down := fakeHost{kernel: "r1", dns: errors.New("server misbehaving")}
	r, err := Resolve(Sources{Choria: path, Host: down.host(), ChoriaWithoutTLS: true})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "identity", r.Config.Identity, "r1")
	check(t, "domain", r.Config.Collective.SRV.Domain, "")
	wantWarning(t, r, "the domain of this host is not known yet (server misbehaving); it is asked for again at each connect")
}

func TestNamesThatAreSetNeedNoLookup(t *testing.T) {
	asked := Host{
		Name:      func() (string, error) { return "r1", nil },
		Addresses: func(context.Context, string) ([]net.IP, error) { t.Error("asked DNS"); return nil, nil },
	}
	path := choriaFiles(t, choriaBase+"identity = r7\nplugin.choria.ssldir = /ssl\n", nil)
	r, err := Resolve(Sources{Choria: path, Host: asked, SkipFiles: true})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "identity", r.Config.Identity, "r7")
	_, err = loadText(t, "cluster: a"+sides, func(s *Sources) { s.Hostname, s.Host = "", asked })
	if err != nil {
		t.Fatal(err)
	}
}

func TestLookingForOnesOwnNameEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead := Host{
			Name:      func() (string, error) { return "r1", nil },
			Addresses: func(ctx context.Context, _ string) ([]net.IP, error) { <-ctx.Done(); return nil, ctx.Err() },
			Resolver:  func() ([]byte, error) { return nil, errors.New("none") },
		}
		start := time.Now()
		name, err := dead.fullName(t.Context())
		if name != "r1" || err == nil || time.Since(start) != hostPatience {
			t.Errorf("got %q, %v after %v", name, err, time.Since(start))
		}
	})
}

func TestHostWithoutAName(t *testing.T) {
	nameless := Host{Name: func() (string, error) { return "", errors.New("no name") }}
	_, err := loadText(t, "cluster: a"+sides, func(s *Sources) { s.Hostname, s.Host = "", nameless })
	if err == nil || !strings.Contains(err.Error(), "identity: is empty and has no default here") {
		t.Errorf("got %v", err)
	}
}
