package lab

import (
	"net/url"
	"strings"

	"github.com/fedrelay/fedrelay/internal/child"
)

// startRelay runs the command, if there is one.
func (l *lab) startRelay() (err error) {
	if strings.Contains(l.opts.Exec, "{http}") && l.opts.HTTP == "" {
		if l.opts.HTTP, err = child.FreeAddress(); err != nil {
			return err
		}
	}
	if l.opts.HTTP != "" {
		l.books = newReader(l.opts.HTTP)
	}
	if l.opts.Exec == "" {
		return nil
	}
	l.opts.Exec = child.Places{
		Fed: hostPort(l.opts.Fed), Col: hostPort(l.opts.Col), HTTP: l.opts.HTTP, Cluster: l.opts.Load.Cluster,
	}.Fill(l.opts.Exec)
	l.relay, err = child.Start([]string{"/bin/sh", "-c", "exec " + l.opts.Exec}, nil)
	return err
}

// relayEnded returns an error if the relay was started here and has ended. when says what was done
// meanwhile.
func (l *lab) relayEnded(when string) error {
	if l.relay == nil {
		return nil
	}
	if err, ended := l.relay.Ended(); ended {
		return cannotReach("the relay ended %s: %w", when, err)
	}
	return nil
}

// hostPort removes scheme and credentials.
func hostPort(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}
