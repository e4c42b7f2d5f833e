package config

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/suggest"
)

// Validate returns all mistakes (Problems), each with key, value and what is allowed. It looks at c
// only: at no files, no network, no environment.
func (c Config) Validate() error { return c.validateAs(c.meansEdge()) }

// validateAs is Validate for what somebody meant to configure, an edge or a relay.
func (c Config) validateAs(edge bool) error {
	v := &validator{}
	if edge {
		v.edge(c)
	} else {
		v.cluster(c.Cluster)
		v.side("collective", c.Collective)
	}
	v.printable("identity", c.Identity, maxIdentity)
	v.side("federation", c.Federation)
	v.oneOf("compat", c.Compat, CompatStrict, CompatPeer)
	v.oneOf("trace", c.Trace, "preserve", "always", "never")
	v.oneOf("log.level", c.Log.Level, logLevels...)
	v.oneOf("log.format", c.Log.Format, "auto", "text", "json")
	v.returnAddress(c.ReturnAddress)
	v.allow(c.Allow)
	v.ranges(c)
	v.listen(c.HTTP)
	v.remote(c.HTTP.Remote)
	return v.problems.err()
}

// validateOperator is Validate for a verb that asks relays.
func (c Config) validateOperator() error {
	v := &validator{}
	if clusters := c.ClusterNames(); len(clusters) == 0 {
		v.cluster("")
	} else {
		for _, name := range clusters {
			v.dotted("cluster", name, maxCluster)
		}
	}
	v.side("federation", c.Federation)
	return v.problems.err()
}

// ClusterNames returns the clusters that c is for: one of a relay, perhaps several of an edge. It
// is empty if none is set.
func (c Config) ClusterNames() []string {
	switch {
	case c.IsEdge():
		return slices.Clone(c.Edge.Clusters)
	case c.Cluster == "":
		return nil
	}
	return []string{c.Cluster}
}

// Names are written into JSON traces and NATS subjects.
const (
	maxIdentity = 255
	maxName     = 64
	maxCluster  = 128
)

var logLevels = []string{"debug", "info", "warn", "error"}

type validator struct{ problems Problems }

func (v *validator) add(key, format string, args ...any) {
	v.problems = append(v.problems, Problem{Key: key, Text: fmt.Sprintf(format, args...)})
}

// missing enters a mistake at key because the setting lacks, which may be key itself, has no value.
func (v *validator) missing(key, lacks, format string, args ...any) {
	v.problems = append(v.problems, Problem{Key: key, Text: fmt.Sprintf(format, args...), lacks: lacks})
}

func (v *validator) cluster(name string) {
	if name == "" {
		v.missing("cluster", "cluster",
			`is not set; add "cluster: london" to the file, set FEDRELAY_CLUSTER, or pass --cluster london`)
		return
	}
	v.dotted("cluster", name, maxCluster)
}

// dotted checks a part of a subject that may be several tokens, because go-choria allows such names
// of clusters.
func (v *validator) dotted(key, s string, most int) {
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && notInToken(r) }); i >= 0 {
		v.add(key, "%s has %q at byte %d; use letters, digits, - and _, with dots between them if need be",
			quoted(s), s[i:i+1], i+1)
		return
	}
	if slices.Contains(strings.Split(s, "."), "") {
		v.add(key, "%s has an empty part; want words of letters, digits, - and _, with a dot between them",
			quoted(s))
		return
	}
	if len(s) > most {
		v.add(key, "has %d bytes, want at most %d", len(s), most)
	}
}

// token checks one token of a NATS subject.
func (v *validator) token(key, s string, most int) {
	if i := strings.IndexFunc(s, notInToken); i >= 0 {
		v.add(key, "%s must be one subject token, but has %q at byte %d; use letters, digits, - and _",
			quoted(s), s[i:i+1], i+1)
		return
	}
	if s == "" || len(s) > most {
		v.add(key, "%s has %d bytes, want 1 to %d", quoted(s), len(s), most)
	}
}

func notInToken(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune(`.*>"\`, r)
}

func (v *validator) printable(key, s string, most int) {
	if s == "" {
		v.missing(key, key, "is empty and has no default here; set it to this instance's name")
		return
	}
	unprintable := func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }
	if i := strings.IndexFunc(s, unprintable); i >= 0 {
		v.add(key, "%s: byte %d is not allowed; use printable ASCII without quotes and backslashes", quoted(s), i+1)
		return
	}
	if len(s) > most {
		v.add(key, "has %d bytes, want at most %d", len(s), most)
	}
}

func (v *validator) oneOf(key, value string, allowed ...string) {
	if slices.Contains(allowed, value) {
		return
	}
	hint := ""
	if n := suggest.Nearest(value, allowed); n != "" && value != "" {
		hint = fmt.Sprintf(" (did you mean %q?)", n)
	}
	v.add(key, "%s is not allowed; want %s%s", quoted(value), strings.Join(allowed, ", "), hint)
}

func (v *validator) allow(a Allow) {
	for i, c := range a.Collectives {
		v.token(elementPath("allow.collectives", i), c, maxCluster)
	}
	for i, c := range a.DenyCollectives {
		v.token(elementPath("allow.deny_collectives", i), c, maxCluster)
	}
	for i, r := range a.Replies {
		v.replyPattern(elementPath("allow.replies", i), r)
	}
}

// replyPattern rejects a pattern that matches every subject, because a client could then make the
// relay publish anywhere.
func (v *validator) replyPattern(key, pattern string) {
	tokens := strings.Split(pattern, ".")
	if tokens[0] == "*" || tokens[0] == ">" || strings.HasPrefix(tokens[0], "$") {
		v.add(key, "%s is too wide; the first token must be a plain word, as in mcollective.reply.>",
			quoted(pattern))
		return
	}
	for i, t := range tokens {
		if t == "*" || t == ">" && i == len(tokens)-1 {
			continue
		}
		if t == "" || strings.IndexFunc(t, notInToken) >= 0 {
			v.add(key, "%s is not a subject pattern: token %d is %s; want words between dots, * for one, "+
				"> at the end", quoted(pattern), i+1, quoted(t))
			return
		}
	}
}

func (v *validator) listen(h HTTP) {
	if h.Listen == "off" {
		if h.Pprof {
			v.add("http.pprof", "is true while http.listen is off; give http.listen an address")
		}
		return
	}
	v.hostPort("http.listen", h.Listen, "127.0.0.1:8280 (port 0 picks a free one), or off", 0)
}

// remote checks the listener for other machines. It must not show anything to anybody who comes
// along, nor a password to anybody who listens.
func (v *validator) remote(r Remote) {
	const key = "http.remote"
	v.pair(key, "cert", r.Cert, "key", r.Key)
	v.pair(key, "user", r.User, "password", r.Password)
	if r.ClientCA != "" && r.Cert == "" {
		v.missing(key+".client_ca", key+".cert", "is set without %s.cert; clients show certificates over TLS only", key)
	}
	if r.Listen == "off" {
		if r != (Remote{Listen: "off"}) {
			v.add(key+".listen", "is off while other settings of %s are set; give it an address such as :8443", key)
		}
		return
	}
	v.hostPort(key+".listen", r.Listen, ":8443 (port 0 picks a free one), or off", 0)
	if isLoopback(r.Listen) {
		return
	}
	if r.Cert == "" {
		v.missing(key+".listen", key+".cert", "%s can be reached from other machines, so it must have TLS; "+
			"set %s.cert and %s.key, or listen on 127.0.0.1", quoted(r.Listen), key, key)
	}
	if r.User == "" && r.ClientCA == "" {
		v.missing(key+".listen", key+".user", "%s can be reached from other machines, so clients must log in; "+
			"set %s.user and %s.password, or %s.client_ca", quoted(r.Listen), key, key, key)
	}
}

// isLoopback reports whether only this machine reaches an address. A name is taken at its word.
func isLoopback(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func (v *validator) hostPort(key, value, example string, leastPort int) {
	host, port, err := net.SplitHostPort(value)
	if err != nil || strings.ContainsAny(host, " /@\"\\") || !isPort(port, leastPort) {
		v.add(key, "%s is not host:port; want %s", quoted(value), example)
	}
}

// validate enters the mistakes that Validate finds, each with the place that its value came from.
func (l *loader) validate() {
	if l.broken {
		return
	}
	var found Problems
	if l.src.Operator {
		errors.As(l.config.validateOperator(), &found)
	} else {
		errors.As(l.config.validateAs(l.meansEdge()), &found)
	}
	known := slices.Clone(l.problems)
	noFile := l.noFile()
	for _, p := range found {
		if l.follows(p, known) {
			continue
		}
		if noFile != "" && p.lacks != "" && p.lacks == p.Key {
			// It would be sought in the wrong place.
			p.Text = strings.Replace(p.Text, " to the file", " to a file that --config names", 1) + "; " + noFile
			noFile = "" // once is enough
		}
		l.report(l.placeOf(p.Key), p.Key, p.Text)
	}
}

// noFile says that no file was read, and who would have named one, or nothing if one was read. Who
// has a file may not know that it has to be named.
func (l *loader) noFile() string {
	switch {
	case l.src.File != "" || l.src.Choria != "":
		return ""
	case l.src.Argument:
		return "no file was read, because neither an argument nor --config, --choria-config, " + EnvFile + " or " + EnvChoria + " names one"
	case l.src.Operator || l.src.Edge:
		return "no file was read, because neither --config nor " + EnvFile + " names one"
	}
	return "no file was read, because none of --config, --choria-config, " + EnvFile + " and " + EnvChoria + " names one"
}

// follows reports whether p need not be reported, because another mistake is its cause, or because
// the operator has made no mistake.
func (l *loader) follows(p Problem, known Problems) bool {
	if p.lacks != "" && l.pending[p.lacks] {
		return true
	}
	return slices.ContainsFunc(known, func(q Problem) bool {
		return q.Key != "" && q.Key == p.Key || p.lacks != "" && q.causes(p.lacks)
	})
}
