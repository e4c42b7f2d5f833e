package link

import (
	"time"
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
