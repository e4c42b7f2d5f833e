package link

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// Kinds of credentials that end at some time.
const (
	KindCreds       = "creds"
	KindChoriaToken = "choria_token"
	KindCertificate = "tls_cert"
	KindAuthority   = "tls_ca"
)

// A Credential is something that a side shows or trusts at every connect, as its file holds it now.
// It holds no secret.
type Credential struct {
	// Kind is one of the Kind constants, or empty for what has no end.
	Kind string
	// Key is its setting, for example "federation.creds".
	Key string
	// What it is, for a sentence about its end: "the creds file /etc/fedrelay/relay.creds".
	What string
	// Who it says we are, for messages: `user "relay"`.
	Who string
	// Ends is when it does; zero for never, or not known.
	Ends time.Time
	// public is the key that the login signs with, in hexadecimal or as an nkey; empty without one.
	public string
	issuer string        // of a certificate
	claims *choriaClaims // of a Choria token
}

// ended reports whether c is of no use any more.
func (c Credential) ended(now time.Time) bool { return !c.Ends.IsZero() && !now.Before(c.Ends) }

// A Finding is something about one setting that an operator should know.
type Finding struct {
	// Key is the setting, for example "federation.creds".
	Key string
	// Text says what is wrong, in which file, and what would be right. It holds no secret.
	Text string
}

func (f Finding) Error() string { return f.Key + ": " + f.Text }

// findings are several mistakes, found in one go.
type findings []Finding

func (fs findings) Error() string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		texts[i] = f.Error()
	}
	return strings.Join(texts, "; ")
}

// explain leaves long texts out of a log line in favour of all the keys.
func (fs findings) explain() string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		texts[i] = socket.Clip(f.Error())
	}
	return strings.Join(texts, "; ")
}

func (fs findings) err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}

// readFile is os.ReadFile whose error is a Finding.
func readFile(key, path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fileFinding(key, path, err)
	}
	return text, nil
}

// fileFinding says what is wrong with a file, once by its name.
func fileFinding(key, path string, err error) Finding {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return Finding{Key: key, Text: path + ": " + err.Error()}
}

// joinFindings is errors.Join for findings.
func joinFindings(errs ...error) error {
	var all findings
	for _, err := range errs {
		var many findings
		switch {
		case err == nil:
		case errors.As(err, &many):
			all = append(all, many...)
		default:
			all = append(all, asFinding(err))
		}
	}
	return all.err()
}

func asFinding(err error) Finding {
	var f Finding
	if errors.As(err, &f) {
		return f
	}
	return Finding{Text: err.Error()}
}

func wrongFile(key, path, why string) Finding { return Finding{Key: key, Text: path + ": " + why} }
