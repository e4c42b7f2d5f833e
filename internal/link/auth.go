package link

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// logins returns the settings of all kinds of credentials that are configured. A TLS client
// certificate does not count, because it can be combined with any of them.
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

// checkLogin returns what is wrong with the credentials in the configuration. It reads no files.
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

// login puts the configured credentials into s, in place of those of a nats context.
func (e *Endpoint) login(s *settings) {
	if len(e.logins()) == 0 {
		return
	}
	o, c := &s.options, e.cfg
	o.User, o.Password, o.Token, o.Nkey = "", "", "", ""
	o.UserInfo, o.TokenHandler, o.UserJWT, o.SignatureCB = nil, nil, nil, nil
	switch {
	case c.Creds != "":
		s.addCredential(credsLogin(o, e.side+".creds", c.Creds))
	case c.NKey != "":
		s.addCredential(nkeyLogin(o, e.side+".nkey", c.NKey))
	case c.Choria.Token != "":
		s.addCredential(choriaLogin(o, e.side+".choria", c.Choria))
	case c.User != "":
		s.addCredential(userLogin(o, e.side, c))
	default:
		s.addCredential(tokenLogin(o, e.side+".token", c.Token))
	}
}

// userLogin takes user and password from the configuration, or from the files that it names.
func userLogin(o *nats.Options, side string, c config.Side) (Credential, error) {
	user, errUser := readSecret(side+".user", c.User)
	password, errPassword := readSecret(side+".password", c.Password)
	o.User, o.Password = user, password
	who := socket.Clip(fmt.Sprintf("user %q", user))
	return Credential{Key: side + ".user", Who: who}, joinFindings(errUser, errPassword)
}

// tokenLogin takes a token from the configuration, or from the file that it names.
func tokenLogin(o *nats.Options, key, setting string) (Credential, error) {
	token, err := readSecret(key, setting)
	o.Token = token
	return Credential{Key: key, Who: "the holder of the token in " + key}, err
}

// readSecret is config.ReadSecret with a Finding for an error. The error names the file, but never
// its content.
func readSecret(key, setting string) (string, error) {
	value, err := config.ReadSecret(setting)
	if err != nil {
		return "", Finding{Key: key, Text: err.Error()}
	}
	return value, nil
}

// credsLogin reads a NATS credentials file: a user JWT and its nkey seed.
func credsLogin(o *nats.Options, key, path string) (Credential, error) {
	text, err := readFile(key, path)
	if err != nil {
		return Credential{}, err
	}
	defer clear(text)
	token, err := nkeys.ParseDecoratedJWT(text)
	if err != nil || !strings.Contains(token, ".") || strings.ContainsAny(token, " \t\n") {
		return Credential{}, wrongFile(key, path, "holds no user JWT; want a creds file as nsc or the nats command writes it")
	}
	pair, err := nkeys.ParseDecoratedUserNKey(text)
	if err != nil {
		return Credential{}, wrongFile(key, path, "holds no user seed; want a creds file with its block -----BEGIN USER NKEY SEED-----")
	}
	c, err := userJWT(key, "the creds file "+path, token)
	if err != nil {
		return Credential{}, wrongFile(key, path, "its user JWT is broken ("+socket.Clip(err.Error())+"); get the creds file again")
	}
	if public, err := pair.PublicKey(); err != nil || public != c.public {
		return Credential{}, wrongFile(key, path, "the seed is not that of the JWT, which is for "+c.public+"; both must come from one creds file")
	}
	o.UserJWT = func() (string, error) { return token, nil }
	o.SignatureCB = pair.Sign
	return c, nil
}

// userJWT reads who a NATS user JWT is for, and until when. what names the file that holds it.
func userJWT(key, what, token string) (Credential, error) {
	claims, err := jwt.DecodeUserClaims(token)
	if err != nil {
		return Credential{}, err
	}
	account := cmp.Or(claims.IssuerAccount, claims.Issuer)
	who := socket.Clip(fmt.Sprintf("user %q (%s) of account %s, in %s", claims.Name, claims.Subject, account, what))
	return Credential{Kind: KindCreds, Key: key, What: what, Who: who, Begins: unixTime(claims.NotBefore), Ends: unixTime(claims.Expires), public: claims.Subject}, nil
}

// unixTime is the time of a claim. 0 seconds are the zero time, which means never. What is beyond
// the years that JSON can write, such as milliseconds by mistake, is the last of these.
func unixTime(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(min(max(seconds, 0), math.MaxInt32*100), 0)
}

// nkeyLogin reads an nkey user seed.
func nkeyLogin(o *nats.Options, key, path string) (Credential, error) {
	text, err := readFile(key, path)
	if err != nil {
		return Credential{}, err
	}
	defer clear(text)
	pair, err := nkeys.ParseDecoratedUserNKey(text)
	if err != nil {
		return Credential{}, wrongFile(key, path, "holds no user seed; want one that starts with SU")
	}
	public, err := pair.PublicKey()
	if err != nil {
		return Credential{}, wrongFile(key, path, "holds no user seed: "+err.Error())
	}
	o.Nkey, o.SignatureCB = public, pair.Sign
	return Credential{Key: key, Who: "nkey " + public + " of " + path, public: public}, nil
}

// isAuthError reports whether err says that the server does not accept a login, or has ended one.
// It knows the errors of nats.go and the texts of the server.
func isAuthError(err error) bool {
	for _, known := range []error{
		nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	var said *socket.ServerError
	if !errors.As(err, &said) {
		return false
	}
	text := strings.ToLower(said.Text)
	return strings.HasPrefix(text, "authorization violation") || strings.Contains(text, "authentication expired") ||
		strings.Contains(text, "authentication revoked")
}
