package config

import (
	"fmt"
)

// finish fills the defaults that depend on the host or on other settings.
func (l *loader) finish() {
	l.finishIdentity()
	l.finishGroup()
	for _, s := range l.sides() {
		l.finishSRV(s.key, s.Side)
	}
	l.finishDrain()
	l.finishMemory()
	l.warnSameNetwork()
	l.warnUnsealedReplies()
	for _, s := range l.sides() {
		l.warnRisks(s.key, *s.Side)
	}
}

// finishIdentity sets the default of identity, the host's name. If Choria's files are read it is
// the full name, as they mean it.
func (l *loader) finishIdentity() {
	if l.config.Identity != "" {
		return
	}
	l.config.Identity = l.shortName()
	if l.src.Choria != "" {
		l.config.Identity = l.fullName()
	}
	if l.config.Identity != "" {
		l.origins["identity"] = Origin{Name: "default: the host name"}
	}
}

func (l *loader) warnRisks(name string, s Side) {
	if key := name + ".tls.insecure_skip_verify"; s.TLS.InsecureSkipVerify {
		l.warn(l.placeOf(key), key,
			"the server is not verified: anybody on the way can read and change everything")
	}
}

func (l *loader) finishSRV(name string, s *Side) {
	if !s.usesSRV() || s.SRV.Domain != "" || l.faulty(name+".servers") {
		return
	}
	s.SRV.Domain = domainOf(l.fullName())
	switch {
	case s.SRV.Domain != "":
		l.origins[name+".srv.domain"] = Origin{Name: "default: the host's domain"}
	case l.src.Choria != "":
		l.withoutDomain(name, s)
	}
}

// withoutDomain is for a side whose servers the original broker would look up in the domain of the
// host, if the host has none.
func (l *loader) withoutDomain(name string, s *Side) {
	origin := l.origins[""]
	switch {
	case l.host.err != nil:
		l.pending[name+".servers"] = true
		l.warn(Origin{}, name+".srv.domain", fmt.Sprintf(
			"the domain of this host is not known yet (%v); it is asked for again at each connect", l.host.err))
	case name == "federation":
		origin.alias = "plugin.choria.federation_middleware_hosts"
		l.reportFor(name+".servers", origin, "is not set, and this host has no domain to look servers up in; "+
			"set it, or plugin.choria.srv_domain, or CHORIA_SRV_DOMAIN")
	default:
		origin.alias = "plugin.choria.middleware_hosts"
		l.warn(origin, "", "is not set, and this host has no domain to look servers up in: using "+choriaFallback+
			", as the original broker does")
		s.Servers = []string{"nats://" + choriaFallback}
		l.origins[name+".servers"] = Origin{Name: "default: that of the original broker"}
	}
}

// finishDrain shortens the default of drain.replies if drain.timeout is shorter.
func (l *loader) finishDrain() {
	d := &l.config.Drain
	if d.Replies <= d.Timeout || l.faulty("drain.timeout") || l.faulty("drain.replies") {
		return
	}
	if at, set := l.origins["drain.replies"]; set {
		l.report(at, "drain.replies", fmt.Sprintf(
			"%s is longer than drain.timeout (%s); raise that or lower this", d.Replies, d.Timeout))
		return
	}
	d.Replies = d.Timeout
	l.origins["drain.replies"] = Origin{Name: "default: not longer than drain.timeout"}
}
