package config

import (
	"slices"
	"strings"
)

func (v *validator) side(name string, s Side) {
	v.printable(name+".name", s.Name, maxName)
	v.servers(name, s)
	v.srv(name+".srv", s)
	v.tls(name+".tls", s.TLS)
	v.credentials(name, s)
}

func (v *validator) servers(name string, s Side) {
	if IsCut(s.Servers) {
		v.add(name+".servers", "%s", CutLogin)
		return
	}
	sockets := 0
	for i, text := range s.Servers {
		u, err := parseServer(text)
		if err != nil {
			v.add(elementPath(name+".servers", i), "%s: %s", quoted(maskElement(s.Servers, i)), err)
			continue
		}
		if u.Scheme == "ws" || u.Scheme == "wss" {
			sockets++
		}
		if u.Scheme == "ws" && s.TLS != (TLS{}) {
			v.add(elementPath(name+".servers", i), "%s has no TLS, which %s.tls asks for; write wss://",
				quoted(maskServer(text)), name)
		}
	}
	if sockets > 0 && sockets < len(s.Servers) {
		v.add(name+".servers", "ws:// and other schemes cannot be mixed; use one kind")
	}
}

func (v *validator) srv(key string, s Side) {
	side := strings.TrimSuffix(key, ".srv")
	if len(s.Servers) == 0 && s.Context == "" && s.SRV.Disabled {
		v.missing(side+".servers", side+".servers",
			"is empty while srv.disabled is true; list the servers, as in [nats://host:4222]")
	}
	if s.usesSRV() && s.SRV.Domain == "" {
		v.missing(side+".servers", side+".servers", "is not set; list them, as in [nats://host:4222], "+
			"pass --%s URL, or set %s.srv.domain for DNS", side, side)
	}
	if i := strings.IndexFunc(s.SRV.Domain, notInDomain); i >= 0 {
		v.add(key+".domain", "%s is not a domain name; want one such as example.net",
			quoted(s.SRV.Domain))
	}
	if s.SRV.Resolver != "" {
		v.hostPort(key+".resolver", s.SRV.Resolver, "10.0.0.1:53", 1)
	}
}

func notInDomain(r rune) bool {
	return r != '.' && r != '-' && r != '_' &&
		(r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

func (v *validator) tls(key string, t TLS) {
	if t.Cert != "" && t.Key == "" {
		v.missing(key+".cert", key+".key", "is set without %s.key; set both or neither", key)
	}
	if t.Key != "" && t.Cert == "" {
		v.missing(key+".key", key+".cert", "is set without %s.cert; set both or neither", key)
	}
}

func (v *validator) credentials(name string, s Side) {
	given := s.given(name)
	for _, key := range given[min(1, len(given)):] {
		v.add(key, "is a second kind of credential beside %s; keep one", given[0])
	}
	v.pair(name, "user", s.User, "password", s.Password)
	v.pair(name+".choria", "token", s.Choria.Token, "seed", s.Choria.Seed)
}

func (v *validator) pair(section, a, va, b, vb string) {
	if va != "" && vb == "" {
		v.missing(section+"."+a, section+"."+b, "is set without %s.%s; set both or neither", section, b)
	}
	if va == "" && vb != "" {
		v.missing(section+"."+b, section+"."+a, "is set without %s.%s; set both or neither", section, a)
	}
}

// given returns one key for each kind of credential that is set.
func (s Side) given(name string) []string {
	var keys []string
	if i := slices.IndexFunc(s.Servers, hasUserInfo); i >= 0 {
		keys = append(keys, elementPath(name+".servers", i))
	}
	values := map[string]string{
		"creds": s.Creds, "nkey": s.NKey, "user": s.User, "password": s.Password, "token": s.Token,
		"choria.token": s.Choria.Token, "choria.seed": s.Choria.Seed,
	}
	for _, kind := range credentials() {
		i := slices.IndexFunc(kind.keys, func(k string) bool { return values[k] != "" })
		if i >= 0 {
			keys = append(keys, name+"."+kind.keys[i])
		}
	}
	return keys
}
