package sign

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"time"
)

// A Signer makes requests in the name of one caller. It is read-only, and safe for concurrent use.
type Signer struct {
	caller   string
	signed   bool
	version  int
	warnings []string
	document func(Ping) []byte // never nil
}

// A Ping is what is asked: whether a node is there.
type Ping struct {
	ID         string // of Signer.NewID
	Sender     string // this host
	Collective string
	At         time.Time
}

// ttl is how long nodes take the request, in seconds.
const ttl = 60

// Caller is in whose name requests are made, such as choria=alice.mcollective.
func (s *Signer) Caller() string { return s.caller }

// Signed reports whether requests are signed. Nodes that check signatures do not answer others.
func (s *Signer) Signed() bool { return s.signed }

// Version is that of the protocol, 1 or 2.
func (s *Signer) Version() int { return s.version }

// Warnings say why nodes may refuse what is signed.
func (s *Signer) Warnings() []string { return s.warnings }

// Collective is the name that a collective has by default.
func (s *Signer) Collective() string {
	if s.version == 2 {
		return "choria"
	}
	return "mcollective"
}

// NewID returns a request id that nobody has used.
func (s *Signer) NewID() string {
	if s.version == 2 {
		return letters(27)
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// letters returns n random letters and digits.
func letters(n int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id := make([]byte, 0, n)
	var b [1]byte
	for len(id) < n {
		_, _ = rand.Read(b[:]) // never fails
		if i := int(b[0]) & 63; i < len(alphabet) {
			id = append(id, alphabet[i])
		}
	}
	return string(id)
}

// Document returns the secure request document of a ping.
func (s *Signer) Document(p Ping) []byte { return s.document(p) }

// Unsigned returns a signer that does not sign. It makes requests of version 1.
func Unsigned(caller string) (*Signer, error) {
	if err := checkCaller(caller); err != nil {
		return nil, err
	}
	return &Signer{caller: caller, version: 1, document: func(p Ping) []byte {
		return secureV1(caller, p, func([]byte) string { return insecure }, insecure)
	}}, nil
}

// insecure stands in the place of a signature and of a certificate in requests without.
const insecure = "insecure"

// callerPattern is what nodes can read a name from, in full.
var callerPattern = regexp.MustCompile(`^[a-z]+=[\w.-]+$`)

// IsName reports whether name can stand in a caller behind its kind.
func IsName(name string) bool { return checkCaller("choria="+name) == nil }

func checkCaller(caller string) error {
	if callerPattern.MatchString(caller) {
		return nil
	}
	return fmt.Errorf("caller %q: want a kind and a name, such as choria=alice.mcollective", caller)
}

// filter is that of a request to all.
type filter struct {
	Fact     []string `json:"fact"`
	Class    []string `json:"cf_class"`
	Agent    []string `json:"agent"`
	Identity []string `json:"identity"`
	Compound []string `json:"compound"`
}

var noFilter = filter{Fact: []string{}, Class: []string{}, Agent: []string{}, Identity: []string{}, Compound: []string{}}

const (
	agent = "discovery"
	body  = "cGluZw==" // what Go clients say to that agent: ping in base64, in both versions
)

// text is v as JSON.
func text(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("sign: BUG: " + err.Error())
	}
	return b
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
