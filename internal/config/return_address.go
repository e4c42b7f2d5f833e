package config

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/seal"
)

// Values of ReturnAddress.Mode.
const (
	ReturnPlain   = "plain"
	ReturnSealed  = "sealed"
	ReturnRequire = "require"
)

// LongestLifetime is the longest ReturnAddress.Lifetime.
const LongestLifetime = 7 * 24 * time.Hour

// ShortestLifetime is the shortest one.
const ShortestLifetime = 10 * time.Second

// Seals reports whether requests are sealed.
func (r ReturnAddress) Seals() bool { return r.Mode == ReturnSealed || r.Mode == ReturnRequire }

func (v *validator) returnAddress(r ReturnAddress) {
	v.oneOf("return_address.mode", r.Mode, ReturnPlain, ReturnSealed, ReturnRequire)
	if r.Seals() && r.Keys == "" {
		v.missing("return_address.mode", "return_address.keys",
			"is %s without return_address.keys; name a file there that fedrelay keys new has made", r.Mode)
	}
}

// warnUnsealedReplies warns of an edge that rejects what relays send it for which it is configured:
// those that read only JSON take the seal off with the rest of the federation header.
func (l *loader) warnUnsealedReplies() {
	const mode = "return_address.mode"
	c := l.config
	if c.IsEdge() && c.Edge.Wire == WireJSON && c.ReturnAddress.Mode == ReturnRequire {
		l.warn(l.placeOf(mode), mode, "is require while edge.wire is json; "+
			"replies that come from relays that read only JSON have no seal, and are rejected")
	}
}

func (r ReturnAddress) file() credentialFile {
	return credentialFile{"return_address.keys", r.Keys, true, sealKeys}
}

// ReadKeys reads a key file for sealed return addresses. A pipe or a device is an error, and does
// not make it block.
func ReadKeys(path string) (*seal.Keys, error) {
	content, err := readText(path, seal.MaxFile)
	if err != nil {
		return nil, err
	}
	return seal.Parse(content)
}
