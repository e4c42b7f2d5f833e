package natscontext

import (
	"cmp"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// Options returns what nats.go has to be told besides the servers and the proxy. nats.go reads
// creds and TLS files itself, when it needs them; all other secrets are read here. It blocks while
// op or nsc runs.
func (c *Context) Options() (options []nats.Option, err error) {
	for _, read := range []func() ([]nats.Option, error){c.login, c.token, c.tls} {
		part, err := read()
		if err != nil {
			return nil, err
		}
		options = append(options, part...)
	}
	if c.InboxPrefix != "" {
		options = append(options, nats.CustomInboxPrefix(c.InboxPrefix))
	}
	return options, nil
}

// login returns one option at most, however many logins there are in the file: the first one here
// counts.
func (c *Context) login() ([]nats.Option, error) {
	var login nats.Option
	var err error
	var field string
	switch {
	case c.User != "":
		field = "password"
		login, err = c.userLogin()
	case c.Creds != "":
		field = "creds"
		login, err = c.Creds.credsLogin()
	case c.NKey != "":
		field = "nkey"
		login, err = c.NKey.nkeyLogin()
	case c.UserJWT != "":
		field = "user_jwt, user_seed"
		login, err = c.jwtLogin()
	default:
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", field, err)
	}
	return []nats.Option{login}, nil
}

func (c *Context) userLogin() (nats.Option, error) {
	password, err := c.Password.value()
	return nats.UserInfo(c.User, password), err
}

// credsLogin is for a JWT and a seed in one text.
func (r ref) credsLogin() (nats.Option, error) {
	if r.isSecret() {
		return nil, errSecret
	}
	if path, ok := r.file(); ok {
		return nats.UserCredentials(path), nil
	}
	content, err := r.content()
	if err != nil {
		return nil, err
	}
	defer clear(content)
	token, err := nkeys.ParseDecoratedJWT(content)
	if err != nil {
		return nil, err
	}
	pair, err := nkeys.ParseDecoratedNKey(content)
	if err != nil {
		return nil, err
	}
	return nats.UserJWT(func() (string, error) { return token, nil }, pair.Sign), nil
}

func (r ref) nkeyLogin() (nats.Option, error) {
	if r.isSecret() {
		return nil, errSecret
	}
	if path, ok := r.file(); ok {
		return nats.NkeyOptionFromSeed(path)
	}
	content, err := r.content()
	if err != nil {
		return nil, err
	}
	defer clear(content)
	pair, err := nkeys.ParseDecoratedNKey(content)
	if err != nil {
		return nil, err
	}
	public, err := pair.PublicKey()
	return nats.Nkey(public, pair.Sign), err
}

// jwtLogin is for a JWT and its seed in two texts. Without a seed nothing is signed, which a server
// may allow.
func (c *Context) jwtLogin() (nats.Option, error) {
	token, err := c.UserJWT.value()
	if err != nil {
		return nil, err
	}
	if c.UserSeed != "" {
		seed, err := c.UserSeed.value()
		return nats.UserJWTAndSeed(token, seed), err
	}
	return nats.UserJWT(
		func() (string, error) { return token, nil },
		func([]byte) ([]byte, error) { return nil, nil },
	), nil
}

// token is sent beside any login.
func (c *Context) token() ([]nats.Option, error) {
	if c.Token == "" {
		return nil, nil
	}
	token, err := c.Token.value()
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	return []nats.Option{nats.Token(token)}, nil
}

func (c *Context) tls() (options []nats.Option, err error) {
	if c.Cert != "" && c.Key != "" {
		cert, errCert := c.Cert.onlyFile("cert")
		key, errKey := c.Key.onlyFile("key")
		if err := cmp.Or(errCert, errKey); err != nil {
			return nil, err
		}
		options = append(options, nats.ClientCert(cert, key))
	}
	if c.CA != "" {
		ca, err := c.CA.onlyFile("ca")
		if err != nil {
			return nil, err
		}
		options = append(options, nats.RootCAs(ca))
	}
	if c.TLSFirst {
		options = append(options, nats.TLSHandshakeFirst())
	}
	return options, nil
}

// onlyFile is for what nats.go reads from files alone.
func (r ref) onlyFile(field string) (string, error) {
	path, ok := r.file()
	if !ok {
		return "", fmt.Errorf("%s: want the path of a file, not %s://", field, scheme(string(r)))
	}
	return path, nil
}
