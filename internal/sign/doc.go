// Package sign makes the secure request documents of a discovery ping, as Choria's clients make
// them: signed with a certificate (version 1 of the protocol), with a token (version 2), or not at
// all. It is for verbs with which an operator asks a node something.
//
// A signature covers the text of the request, byte for byte. RSA with PKCS #1 v1.5 and ed25519 give
// the same signature each time, so tests compare whole documents with recorded ones.
package sign
