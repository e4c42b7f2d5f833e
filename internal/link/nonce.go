package link

import (
	"fmt"

	"github.com/nats-io/nats.go"
)

// A login signs the nonce of the server, whatever bytes that is. With a Choria token the same key
// signs requests, in the same form, so a server could send a request as its nonce and get it
// signed. The bounds tell the two apart: every nats-server since 2.0 sends 15 characters of
// base64url. Everything else that Choria signs has a dot or a brace, or is longer.
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

// signOnlyNonces returns a function that signs as sign does, but fails if the bytes do not look
// like a nonce. A server that wants no signature sends an empty nonce, and gets no signature.
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
