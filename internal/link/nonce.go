package link

import (
	"fmt"

	"github.com/nats-io/nats.go"
)

// A login signs what the server sends as its nonce, as it comes. With a Choria token the key is
// that of signed requests, and so is the form of the signature: a server could have a request
// signed. Every nats-server since 2.0 sends 15 characters of base64url. What Choria signs has a dot
// or a brace, or is longer.
const (
	leastNonce = 8
	mostNonce  = 64
)

// A nonceError says that a server wants something signed that is no nonce.
type nonceError struct{ bytes int }

func (e *nonceError) Error() string {
	return fmt.Sprintf("the server, or somebody on the way, asks to have %d bytes signed that are no login nonce "+
		"(%d to %d characters of A-Z a-z 0-9 - _); nothing was signed", e.bytes, leastNonce, mostNonce)
}

// signOnlyNonces returns sign, but for an error where it is asked to sign anything that does not
// look like a nonce. A server that wants no signature sends an empty nonce, and gets none.
func signOnlyNonces(sign nats.SignatureHandler) nats.SignatureHandler {
	return func(nonce []byte) ([]byte, error) {
		switch {
		case len(nonce) == 0:
			return nil, nil
		case !isNonce(nonce):
			return nil, &nonceError{bytes: len(nonce)}
		}
		return sign(nonce)
	}
}

// isNonce reports whether b looks like a nonce of a nats-server.
func isNonce(b []byte) bool {
	if len(b) < leastNonce || len(b) > mostNonce {
		return false
	}
	for _, c := range b {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
