package link

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/natscontext"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// readContext fills s from the configured nats context, if there is one. It is configured as a name
// that the nats command knows, or as a path.
func (e *Endpoint) readContext(s *settings) {
	name := e.cfg.Context
	if name == "" {
		return
	}
	c, err := natscontext.Load(name)
	if err != nil {
		s.addMistake(e.contextFinding(err))
		return
	}
	if err := e.applyContext(s, c); err != nil {
		s.addMistake(e.contextFinding(err))
		return
	}
	if len(e.logins()) == 0 {
		s.addCredential(e.contextLogin(&s.options))
	}
}

// contextFinding returns err as a Finding about the nats context.
func (e *Endpoint) contextFinding(err error) Finding {
	text := fmt.Sprintf("nats context %q: %s", e.cfg.Context, socket.Clip(err.Error()))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, natscontext.ErrNotFound) {
		text += "; nats context ls lists those of this user"
	}
	return Finding{Key: e.side + ".context", Text: text}
}

// contextLogin returns the credential of the nats context. nats.go would read a creds file only at
// the login. It is read here already, so that its mistakes show.
func (e *Endpoint) contextLogin(o *nats.Options) (Credential, error) {
	key, of := e.side+".context", fmt.Sprintf(" of the nats context %q", e.cfg.Context)
	switch {
	case o.UserJWT != nil:
		token, err := o.UserJWT()
		if err != nil {
			return Credential{}, e.contextFinding(err)
		}
		if c, err := userJWT(key, "the credentials"+of, token); err == nil {
			return c, nil
		}
		// Perhaps the server accepts the JWT all the same.
		return Credential{Key: key, Who: "the holder of the JWT" + of}, nil
	case o.Nkey != "":
		return Credential{Key: key, Who: "nkey " + o.Nkey + of, public: o.Nkey}, nil
	case o.User != "":
		return Credential{Key: key, Who: fmt.Sprintf("user %q", o.User) + of}, nil
	case o.Token != "" || o.TokenHandler != nil:
		return Credential{Key: key, Who: "the holder of the token" + of}, nil
	}
	return Credential{Key: key}, nil
}

// applyContext takes options, servers and proxy from c.
func (e *Endpoint) applyContext(s *settings, c *natscontext.Context) error {
	options, err := c.Options()
	if err != nil {
		return err
	}
	for _, set := range options {
		if err := set(&s.options); err != nil {
			return err
		}
	}
	servers := strings.Split(c.URL, ",")
	if config.IsCut(servers) {
		return fmt.Errorf("url: %s", config.CutLogin)
	}
	for _, text := range servers {
		sv, err := parseServer(text)
		if err != nil {
			return fmt.Errorf("url: %w", err)
		}
		if len(e.logins()) > 0 {
			sv.url.User = nil // what is configured here wins
		}
		s.servers = append(s.servers, sv)
	}
	return e.useProxy(s, c.SocksProxy)
}
