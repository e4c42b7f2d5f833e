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

// A Credential describes something that a side shows to the server or trusts at every connect, as
// its file is now. It holds no secret.
type Credential struct {
	// Kind is one of the Kind constants, or empty for a credential that never ends.
	Kind string
	// Key is the setting it comes from, for example "federation.creds".
	Key string
	// What names the credential in a sentence about its end: "the creds file
	// /etc/fedrelay/relay.creds".
	What string
	// Who says as whom we log in with it, in messages: `user "relay"`.
	Who string
	// Begins is when it begins. The zero time means that it has.
	Begins time.Time
	// Ends is when it ends. The zero time means never, or that nobody knows.
	Ends time.Time
	// public is the public part of the key that the login signs with, in hexadecimal or as an nkey.
	// It is empty where nothing is signed.
	public string
	issuer string        // of a certificate, else empty
	claims *choriaClaims // of a Choria token, else nil
}

// ended reports whether c has ended at the time now.
func (c Credential) ended(now time.Time) bool { return !c.Ends.IsZero() && !now.Before(c.Ends) }
