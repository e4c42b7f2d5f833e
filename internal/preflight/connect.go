package preflight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
)

// connectTimeout is for all servers of a side together.
const connectTimeout = 10 * time.Second

// connect connects as a relay would, and asks the server about the login.
func (s *side) connect(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	endpoint, err := link.NewEndpoint(s.name, s.cfg)
	if err == nil {
		s.session, err = link.SingleFramed(ctx, endpoint, fmt.Sprintf("fedrelay check %s %s", s.o.Config.Identity, s.name))
	}
	if err != nil {
		s.failed(err)
		return false
	}
	s.caller, s.key = endpoint.ChoriaToken()
	s.place = s.session.Place()
	if login, err := s.session.Login(ctx); err == nil {
		s.login = login
		s.place.Account = cmp.Or(login.Account, s.place.Account) // that has name and key
	}
	s.add(idConnect, OK, "connected to %s%s", s.session.URL(), s.described())
	return true
}

// described says what the server is, and who we are there.
func (s *side) described() string {
	text := ": server " + s.place.ServerName
	if s.place.Version != "" {
		text += ", version " + s.place.Version
	}
	if s.place.Cluster != "" {
		text += ", NATS cluster " + s.place.Cluster
	}
	if s.login != nil && s.login.User != "" {
		text += ", user " + s.login.User
	}
	if s.place.Account != "" {
		text += ", account " + s.place.Account
	}
	if _, secure := s.session.TLS(); secure {
		text += ", TLS"
	}
	return text
}

// failed enters why there is no connection, and what to do about that.
func (s *side) failed(err error) {
	key := s.name + ".servers"
	if s.cfg.Context != "" && len(s.cfg.Servers) == 0 {
		key = s.name + ".context"
	}
	c := s.add(idConnect, Critical, "%s", strings.TrimPrefix(err.Error(), s.name+": "))
	c.Where = s.o.where(key)
	c.Fix = connectAdvice(err, key)
}

// connectAdvice is for errors whose text does not say what to do, as those about TLS and logins do.
func connectAdvice(err error, key string) []string {
	text := err.Error()
	_, name, unknown := strings.Cut(text, "dns: no such name ")
	switch {
	case unknown:
		return []string{"is it spelt right in " + key + "? this host asks for it with: getent hosts " + strings.TrimRight(name, ")")}
	case strings.Contains(text, "dns: no SRV record "):
		side, _, _ := strings.Cut(key, ".")
		return []string{"make one of these records, set " + side + ".srv.domain to the domain that has them, or write addresses into " + side + ".servers"}
	case strings.Contains(text, "dns: "):
		return []string{"DNS does not answer this host: look at /etc/resolv.conf, or write an address into " + key}
	case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(text, "connection refused"):
		return []string{"nothing listens at that port: is the NATS server running, is the port in " + key + " that for clients (usually 4222), does a firewall refuse it?"}
	case strings.Contains(text, "timeout"), errors.Is(err, context.DeadlineExceeded):
		return []string{"nothing answers there: is the address in " + key + " right, and does a firewall between here and there drop packets?"}
	case strings.Contains(text, "authorization violation"):
		return []string{"the server's log says why; compare the login with what the server knows"}
	}
	return nil
}
