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
	// What names it in a sentence about its end: "the creds file /etc/fedrelay/relay.creds".
	What string
	// Who is whom it makes us, in messages: `user "relay"`.
	Who string
	// Ends is when it ends. The zero time is for never, and for nobody knows.
	Ends time.Time
	// public is the public part of the key that the login signs with, in hexadecimal or as an nkey.
	// It is empty where nothing is signed.
	public string
	issuer string        // of a certificate, else empty
	claims *choriaClaims // of a Choria token, else nil
}

// ended reports whether c is of no use any more at that time.
func (c Credential) ended(now time.Time) bool { return !c.Ends.IsZero() && !now.Before(c.Ends) }

// A Finding is something about one setting that an operator should know.
type Finding struct {
	// Key is the setting, for example "federation.creds".
	Key string
	// Text says what is wrong, in which file, and what would be right. It holds no secret.
	Text string
}

func (f Finding) Error() string { return f.Key + ": " + f.Text }

// findings are several mistakes as one error.
type findings []Finding

func (fs findings) Error() string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		texts[i] = f.Error()
	}
	return strings.Join(texts, "; ")
}

// explain is Error for a log line: it cuts long texts short, so that there is room for all keys.
func (fs findings) explain() string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		texts[i] = socket.Clip(f.Error())
	}
	return strings.Join(texts, "; ")
}

// err returns nil where there are no mistakes.
func (fs findings) err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}

// readFile is os.ReadFile with a Finding for an error.
func readFile(key, path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fileFinding(key, path, err)
	}
	return text, nil
}

// fileFinding says why a file cannot be read. It names the file once, though err may name it, too.
func fileFinding(key, path string, err error) Finding {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return Finding{Key: key, Text: path + ": " + err.Error()}
}

// joinFindings is errors.Join for findings. It keeps each Finding apart.
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

// asFinding returns the Finding in err, or one without a key.
func asFinding(err error) Finding {
	var f Finding
	if errors.As(err, &f) {
		return f
	}
	return Finding{Text: err.Error()}
}

// wrongFile is a mistake in a file that can be read.
func wrongFile(key, path, why string) Finding { return Finding{Key: key, Text: path + ": " + why} }
