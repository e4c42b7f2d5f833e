package natscontext

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/nats-io/nkeys"
)

// A ref says where a secret or a certificate is: the path of a file, or a scheme and more.
type ref string

// A text is a secret itself, unless it begins with one of the schemes.
type text string

// file returns the path of the file that r names; ok is false if what r names is elsewhere.
func (r ref) file() (path string, ok bool) {
	if s := scheme(string(r)); s != "" && s != "file" {
		return "", false
	}
	return expand(afterScheme(string(r), "file://")), true
}

var errSecret = errors.New("want the path of a file, or another place of the secret, not the secret itself")

// isSecret reports whether r is a secret where the place of one should be. As the name of a file it
// would get into errors, and so into logs.
func (r ref) isSecret() bool {
	_, err := nkeys.FromSeed([]byte(strings.TrimSpace(string(r))))
	return err == nil || strings.Contains(string(r), "-----BEGIN ")
}

// content reads what r names. It blocks while op or nsc runs.
func (r ref) content() ([]byte, error) {
	switch scheme(string(r)) {
	case "", "file":
		path, _ := r.file()
		return readRegular(path)
	case "env":
		return fromEnvironment(afterScheme(string(r), "env://"))
	case "data":
		return fromData(afterScheme(string(r), "data:"))
	case "op":
		return output("op", "read", "op://"+afterScheme(string(r), "op://"))
	case "nsc":
		return fromNSC(string(r))
	}
	return nil, fmt.Errorf("%s:// is none of file, env, data, op and nsc", scheme(string(r)))
}

// value returns the secret, without the line break at its end if it was read from elsewhere. It
// blocks while op or nsc runs.
func (t text) value() (string, error) {
	if !slices.Contains([]string{"file", "env", "data", "op", "nsc"}, scheme(string(t))) {
		return string(t), nil
	}
	content, err := ref(t).content()
	defer clear(content)
	return strings.TrimRight(string(content), "\r\n"), err
}

// scheme is in small letters, and empty if there is none. One letter is a drive of Windows.
func scheme(ref string) string {
	u, err := url.Parse(ref)
	if err != nil || len(u.Scheme) < 2 {
		return ""
	}
	return u.Scheme
}

// afterScheme cuts off prefix, in whatever letters it is written.
func afterScheme(ref, prefix string) string {
	if len(ref) >= len(prefix) && strings.EqualFold(ref[:len(prefix)], prefix) {
		return ref[len(prefix):]
	}
	return ref
}

// fromEnvironment does not take an empty variable for a secret.
func fromEnvironment(name string) ([]byte, error) {
	value := os.Getenv(name)
	if value == "" {
		return nil, fmt.Errorf("the variable %q is not set, or empty", name)
	}
	return []byte(value), nil
}

func fromData(ref string) ([]byte, error) {
	kind, content, ok := strings.Cut(ref, ",")
	isBase64 := func(word string) bool { return strings.TrimSpace(word) == "base64" }
	if !ok || !slices.ContainsFunc(strings.Split(kind, ";"), isBase64) {
		return nil, errors.New("want data:;base64, and base64 behind it")
	}
	return base64.StdEncoding.DecodeString(content)
}
