package config

import (
	"os"
	"strings"
)

// finish fills the defaults that depend on the host or on other settings.
func (l *loader) finish() {
	host := l.hostname()
	if l.config.Identity == "" && host != "" {
		l.config.Identity = host
		l.origins["identity"] = Origin{Name: "default: the host name"}
	}
	l.finishSRV("federation", &l.config.Federation, host)
	l.finishSRV("collective", &l.config.Collective, host)
	l.finishDrain()
	l.finishMemory()
	l.warnRisks("federation", l.config.Federation)
	l.warnRisks("collective", l.config.Collective)
}

func (l *loader) warnRisks(name string, s Side) {
	if key := name + ".tls.insecure_skip_verify"; s.TLS.InsecureSkipVerify {
		l.warn(l.placeOf(key), key, "the server is not verified: anybody on the way can read and change everything")
	}
}

func (l *loader) hostname() string {
	if l.src.Hostname != "" {
		return l.src.Hostname
	}
	host, err := os.Hostname()
	if err != nil {
		return "" // validate asks for an identity then
	}
	return host
}

func (l *loader) finishSRV(name string, s *Side, host string) {
	if !s.usesSRV() || s.SRV.Domain != "" {
		return
	}
	if _, domain, ok := strings.Cut(host, "."); ok {
		s.SRV.Domain = domain
		l.origins[name+".srv.domain"] = Origin{Name: "default: the host's domain"}
	}
}

// usesSRV tells whether servers are looked up in DNS.
func (s Side) usesSRV() bool { return len(s.Servers) == 0 && s.Context == "" && !s.SRV.Disabled }

// finishDrain keeps a shortened timeout from contradicting a reply wait nobody asked for.
func (l *loader) finishDrain() {
	d := &l.config.Drain
	if d.Replies <= d.Timeout {
		return
	}
	if at, set := l.origins["drain.replies"]; set {
		l.report(at, "drain.replies", d.Replies.String()+" is longer than drain.timeout ("+d.Timeout.String()+"); raise that or lower this")
		return
	}
	d.Replies = d.Timeout
	l.origins["drain.replies"] = Origin{Name: "default: not longer than drain.timeout"}
}
