package natsio

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/fedrelay/fedrelay/internal/config"
)

// logins are the kinds of credentials that are configured, by their keys. A TLS client certificate goes with any of them.
func (e *Endpoint) logins() []string {
	s := e.cfg
	var set []string
	for _, l := range []struct {
		key string
		set bool
	}{
		{"creds", s.Creds != ""},
		{"nkey", s.NKey != ""},
		{"user", s.User != "" || s.Password != ""},
		{"token", s.Token != ""},
		{"choria", s.Choria.Token != "" || s.Choria.Seed != ""},
	} {
		if l.set {
			set = append(set, e.side+"."+l.key)
		}
	}
	return set
}

func (e *Endpoint) checkLogin() error {
	var problems []error
	if set := e.logins(); len(set) > 1 {
		problems = append(problems, fmt.Errorf("%s are all set: keep one", strings.Join(set, ", ")))
	}
	if e.cfg.Password != "" && e.cfg.User == "" {
		problems = append(problems, fmt.Errorf("%s.password is set without %s.user", e.side, e.side))
	}
	if (e.cfg.Choria.Token == "") != (e.cfg.Choria.Seed == "") {
		problems = append(problems, fmt.Errorf("%s.choria needs both token and seed", e.side))
	}
	return errors.Join(problems...)
}

// login puts the configured credentials into o, in place of those of a nats context.
func (e *Endpoint) login(o *nats.Options) error {
	if len(e.logins()) == 0 {
		return nil
	}
	o.User, o.Password, o.Token, o.Nkey = "", "", "", ""
	o.UserInfo, o.TokenHandler, o.UserJWT, o.SignatureCB = nil, nil, nil, nil
	s := e.cfg
	switch {
	case s.Creds != "":
		return credsLogin(o, s.Creds)
	case s.NKey != "":
		return nkeyLogin(o, s.NKey)
	case s.Choria.Token != "":
		return choriaLogin(o, s.Choria)
	}
	return plainLogin(o, s)
}

// plainLogin reads user, password and token where they are kept in files.
func plainLogin(o *nats.Options, s config.Side) error {
	for _, f := range []struct {
		name, text string
		into       *string
	}{
		{"user", s.User, &o.User}, {"password", s.Password, &o.Password}, {"token", s.Token, &o.Token},
	} {
		value, err := config.ReadSecret(f.text)
		if err != nil {
			return &secretError{f.name, err}
		}
		*f.into = value
	}
	return nil
}

// secretError is a secret that cannot be read: what is wrong is said whole, with the name of the file.
type secretError struct {
	setting string
	err     error
}

func (e *secretError) Error() string { return e.setting + ": " + e.err.Error() }

// credsLogin reads a NATS credentials file: a user JWT and its nkey seed.
func credsLogin(o *nats.Options, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("creds: %w", err)
	}
	defer clear(text)
	jwt, err := nkeys.ParseDecoratedJWT(text)
	if err != nil || jwt == "" {
		return fmt.Errorf("creds: %s holds no user JWT", path)
	}
	key, err := nkeys.ParseDecoratedUserNKey(text)
	if err != nil {
		return fmt.Errorf("creds: %s holds no user seed", path)
	}
	o.UserJWT = func() (string, error) { return jwt, nil }
	o.SignatureCB = key.Sign
	return nil
}

// nkeyLogin reads an nkey user seed.
func nkeyLogin(o *nats.Options, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("nkey: %w", err)
	}
	defer clear(text)
	key, err := nkeys.ParseDecoratedUserNKey(text)
	if err != nil {
		return fmt.Errorf("nkey: %s holds no user seed (it starts with SU)", path)
	}
	o.Nkey, err = key.PublicKey()
	o.SignatureCB = key.Sign
	return err
}

// isAuthError recognises a refused login and the end of one, before and after connecting.
func isAuthError(err error) bool {
	for _, known := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired} {
		if errors.Is(err, known) {
			return true
		}
	}
	var said *serverError
	if !errors.As(err, &said) {
		return false
	}
	text := strings.ToLower(said.text)
	return strings.HasPrefix(text, "authorization violation") || strings.Contains(text, "authentication expired") ||
		strings.Contains(text, "authentication revoked")
}
