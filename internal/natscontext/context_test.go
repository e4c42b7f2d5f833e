package natscontext

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
)

// written is what becomes of the files in testdata/nats/context, which the nats command v0.5.1
// wrote with the commands in testdata/commands.txt. Its own library, jsm.go v0.5.1, makes the same
// of them: both were compared, field by field.
var written = map[string]string{
	"ca":           "tls://c1.example.net:4222 user=relay password=made-up tls ca",
	"creds-env":    "c1.example.net jwt=<jwt> signed",
	"creds-file":   "c1.example.net jwt=<jwt> signed",
	"creds-home":   "c1.example.net error: nats: open ~/made-up/relay.creds: no such file or directory",
	"creds-nsc":    "c1.example.net jwt=<jwt> signed",
	"creds-op":     "c1.example.net jwt=<jwt> signed",
	"creds":        "c1.example.net jwt=<jwt> signed",
	"jwt-alone":    "c1.example.net jwt=made.up.jwt unsigned",
	"jwt":          "c1.example.net jwt=<jwt> signed",
	"nkey-env":     "c1.example.net nkey=<public> signed",
	"nkey":         "c1.example.net nkey=<public> signed",
	"other":        "c1.example.net",
	"password-env": "tls://c1.example.net:4222 user=relay password=from a variable",
	"password":     "nats://c1.example.net:4222,nats://c2.example.net:4222 user=relay password=made-up",
	"plain":        "nats://127.0.0.1:4222",
	"proxy":        "c1.example.net inbox=_INBOX_relay socks=socks5://proxy.example.net:1080",
	"tls":          "tls://c1.example.net:4222 tls first ca cert",
	"user-alone":   "c1.example.net token=relay",
}

// byHand is what becomes of files that nobody would let the nats command write, by their content.
// jsm.go makes the same of them, apart from the words of its errors.
var byHand = map[string]string{
	`{}`: "nats://127.0.0.1:4222",
	`{"user":"u","creds":"$RELAY/relay.creds","token":"t"}`:              "nats://127.0.0.1:4222 user=u token=t",
	`{"creds":"$RELAY/relay.creds","nkey":"$RELAY/relay.nk"}`:            "nats://127.0.0.1:4222 jwt=<jwt> signed",
	`{"nkey":"$RELAY/relay.nk","user_jwt":"j"}`:                          "nats://127.0.0.1:4222 nkey=<public> signed",
	`{"creds":"$RELAY/absent.creds"}`:                                    "nats://127.0.0.1:4222 error: nats: open $RELAY/absent.creds: no such file or directory",
	`{"creds":"${RELAY}/relay.creds"}`:                                   "nats://127.0.0.1:4222 jwt=<jwt> signed",
	`{"nkey":"$RELAY/absent.nk"}`:                                        "error: nkey: nats: open $RELAY/absent.nk: no such file or directory",
	`{"creds":"foo://bar"}`:                                              "error: creds: foo:// is none of file, env, data, op and nsc",
	`{"user":"u","password":"foo://bar"}`:                                "nats://127.0.0.1:4222 user=u password=foo://bar",
	`{"token":"ab:c"}`:                                                   "nats://127.0.0.1:4222 token=ab:c",
	`{"token":"env://RELAY_PASSWORD","inbox_prefix":"a.b"}`:              "nats://127.0.0.1:4222 token=from a variable inbox=a.b",
	`{"token":"file://$RELAY/token"}`:                                    "nats://127.0.0.1:4222 token=from a file",
	`{"token":"file://$RELAY/absent"}`:                                   "error: token: open $RELAY/absent: no such file or directory",
	`{"creds":"data:;base64,@DATA@"}`:                                    "nats://127.0.0.1:4222 jwt=<jwt> signed",
	`{"creds":"DATA:text/plain;base64,@DATA@"}`:                          "nats://127.0.0.1:4222 jwt=<jwt> signed",
	`{"creds":"data:text/plain; base64 ,@DATA@"}`:                        "nats://127.0.0.1:4222 jwt=<jwt> signed",
	`{"creds":"data:;base64"}`:                                           "error: creds: want data:;base64, and base64 behind it",
	`{"nkey":"data:;base64,@DATA@"}`:                                     "nats://127.0.0.1:4222 nkey=<public> signed",
	`{"creds":"ENV://RELAY_CREDS"}`:                                      "nats://127.0.0.1:4222 jwt=<jwt> signed",
	`{"creds":"env://ABSENT"}`:                                           `error: creds: the variable "ABSENT" is not set, or empty`,
	`{"creds":"OP://vault/relay/creds"}`:                                 "nats://127.0.0.1:4222 jwt=<jwt> signed",
	`{"creds":"op://vault/other"}`:                                       "error: creds: op: exit status 1",
	`{"nkey":"op://vault/relay/creds"}`:                                  "nats://127.0.0.1:4222 nkey=<public> signed",
	`{"creds":"nsc://made/up/other"}`:                                    "error: creds: nsc: exit status 1: no such user",
	`{"nsc":"nsc://made/up/relay"}`:                                      "nats://n1.example.net,nats://n2.example.net jwt=<jwt> signed",
	`{"nsc":"made/up/relay"}`:                                            "nats://n1.example.net,nats://n2.example.net jwt=<jwt> signed",
	`{"nsc":"nsc://made/up/relay","url":"c1"}`:                           "c1 jwt=<jwt> signed",
	`{"nsc":"nsc://made/up/relay","user":"u"}`:                           "nats://n1.example.net,nats://n2.example.net user=u",
	`{"nsc":"nsc://made/up/relay","creds":"$RELAY/absent.creds"}`:        "nats://n1.example.net,nats://n2.example.net error: nats: open $RELAY/absent.creds: no such file or directory",
	`{"nsc":"nsc://made/up/other"}`:                                      "error: nsc: exit status 1: no such user",
	`{"user_jwt":"j","user_seed":"env://RELAY_SEED"}`:                    "nats://127.0.0.1:4222 jwt=j signed",
	`{"user_jwt":"file://$RELAY/token"}`:                                 "nats://127.0.0.1:4222 jwt=from a file unsigned",
	`{"user_jwt":"env://ABSENT"}`:                                        `error: user_jwt, user_seed: the variable "ABSENT" is not set, or empty`,
	`{"user_jwt":"env://RELAY_JWT","user_seed":"bad"}`:                   "nats://127.0.0.1:4222 jwt=<jwt> unsigned (unable to extract key pair from seed: illegal base32 data at input byte 0)",
	`{"cert":"$RELAY/relay.pem"}`:                                        "nats://127.0.0.1:4222",
	`{"cert":"file://$RELAY/relay.pem","key":"FILE://$RELAY/relay.key"}`: "nats://127.0.0.1:4222 tls cert",
	`{"cert":"env://A","key":"$RELAY/relay.key"}`:                        "error: cert: want the path of a file, not env://",
	`{"ca":"$RELAY/token"}`:                                              `nats://127.0.0.1:4222 error: nats: failed to parse root certificate from "$RELAY/token"`,
	`{"ca":"data:;base64,AAAA"}`:                                         "error: ca: want the path of a file, not data://",
	`{"tls_first":true}`:                                                 "nats://127.0.0.1:4222 tls first",
	`{"socks_proxy":"socks5://u:p@h:1"}`:                                 "nats://127.0.0.1:4222 socks=socks5://u:p@h:1",
	`{"windows_cert_store":"user"}`:                                      "error: windows_cert_store is not supported; name files in cert, key and ca",
}

func TestContextsThatTheNATSCommandWrote(t *testing.T) {
	r := newRelayFiles(t)
	t.Setenv("XDG_CONFIG_HOME", "testdata")
	files, err := filepath.Glob("testdata/nats/context/*.json")
	if err != nil || len(files) != len(written) {
		t.Errorf("%d files for %d cases: %v", len(files), len(written), err)
	}
	for name, want := range written {
		if got := r.describe(Load(name)); got != want {
			t.Errorf("%s: %s\nwant %s", name, got, want)
		}
	}
}

func TestContextsWrittenByHand(t *testing.T) {
	r := newRelayFiles(t)
	path := filepath.Join(t.TempDir(), "by-hand.json")
	for content, want := range byHand {
		content = strings.ReplaceAll(content, "@DATA@", os.Getenv("RELAY_DATA"))
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := r.describe(Load(path)); got != want {
			t.Errorf("%s: %s\nwant %s", content, got, want)
		}
	}
}

// describe puts what c makes of options for nats.go into one line, in which secrets have the names
// of what they were read from.
func (r relayFiles) describe(c *Context, err error) string {
	if err != nil {
		return r.names("error: " + err.Error())
	}
	options, err := c.Options()
	if err != nil {
		return r.names("error: " + err.Error())
	}
	return r.names(c.URL + r.says(options) + set("socks", c.SocksProxy))
}

func (r relayFiles) says(options []nats.Option) string {
	o := nats.GetDefaultOptions()
	for _, apply := range options {
		if err := apply(&o); err != nil {
			return " error: " + err.Error()
		}
	}
	text := set("user", o.User) + set("password", o.Password) + set("token", o.Token) + set("nkey", o.Nkey) +
		set("inbox", o.InboxPrefix)
	if o.UserJWT != nil {
		token, err := o.UserJWT()
		text += set("jwt", token) + wrong(err)
	}
	if o.SignatureCB != nil {
		signature, err := o.SignatureCB([]byte("nonce"))
		text += r.signer(signature) + wrong(err)
	}
	return text + describeTLS(o)
}

func describeTLS(o nats.Options) (text string) {
	if o.Secure {
		text += " tls"
	}
	if o.TLSHandshakeFirst {
		text += " first"
	}
	if o.RootCAsCB != nil {
		_, err := o.RootCAsCB()
		text += " ca" + wrong(err)
	}
	if o.TLSCertCB != nil {
		_, err := o.TLSCertCB()
		text += " cert" + wrong(err)
	}
	return text
}

func set(name, value string) string {
	if value == "" {
		return ""
	}
	return " " + name + "=" + value
}

func wrong(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf(" (%s)", err)
}

// A secret where its place should be is not repeated.
func TestErrorsDoNotRepeatSecrets(t *testing.T) {
	newRelayFiles(t)
	seed, creds := os.Getenv("RELAY_SEED"), os.Getenv("RELAY_CREDS")
	for _, c := range []Context{
		{NKey: ref(seed)}, {NKey: ref(seed + "\n")}, {Creds: ref(seed)}, {Creds: ref(creds)}, {NKey: ref(creds)},
		{Creds: "data:;base64,AAAA" + ref(seed)}, {Token: text("data:;base64," + seed)}, {UserJWT: "j", UserSeed: text("data:" + seed)},
	} {
		if line := optionsLine(c.Options()); strings.Contains(line, seed) || line == "error: <nil>" {
			t.Error(line)
		}
	}
}

// optionsLine returns the errors of options, from reading them or from applying them.
func optionsLine(options []nats.Option, err error) string {
	o := nats.GetDefaultOptions()
	for _, apply := range options {
		err = errors.Join(err, apply(&o))
	}
	return fmt.Sprintf("error: %v", err)
}

func TestAContextThatIsNotThere(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	for _, name := range []string{"central", filepath.Join(t.TempDir(), "central.json"), "central.json"} {
		if _, err := Load(name); !errors.Is(err, ErrNotFound) || err.Error() != `context not found: "central"` {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Load("../central"); err == nil {
		t.Error("a path without a file is a context")
	}
	if _, err := Load("a..b"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// Without XDG_CONFIG_HOME contexts are in the home directory of the user.
func TestWhereContextsAre(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", "")
	want := expand("~/.config/nats/context")
	got, err := directory()
	if err != nil || !filepath.IsAbs(got) || filepath.ToSlash(got) != filepath.ToSlash(want) {
		t.Errorf("%s, want %s: %v", got, want, err)
	}
}

func TestSchemes(t *testing.T) {
	for ref, want := range map[string]string{
		"": "", "a": "", "/a/b": "", `C:\a`: "", "s3cret": "", "ENV://A": "env", "a:b": "", "ab:c": "ab", "%zz:": "",
	} {
		if got := scheme(ref); got != want {
			t.Errorf("%q: %q", ref, got)
		}
	}
}

func skipWithoutShell(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("stand-ins for op and nsc are shell scripts")
	}
}
