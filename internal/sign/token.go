package sign

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// claims are those of a token that matter to its holder. Nobody here checks the signature of the
// token; nodes do.
type claims struct {
	Purpose     string          `json:"purpose"`
	Caller      string          `json:"callerid"`
	PublicKey   string          `json:"public_key"`
	Expires     *float64        `json:"exp"`
	Permissions map[string]bool `json:"permissions"`
}

// Token returns a signer of version 2. token is the file with a client token, seed the file with
// the seed of its key. Files are read once.
func Token(token, seed string, now time.Time) (*Signer, error) {
	content, err := os.ReadFile(token)
	if err != nil {
		return nil, err
	}
	jwt := strings.TrimSpace(string(content))
	c, err := parse(jwt)
	if err == nil {
		err = c.check(now)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", token, err)
	}
	key, err := readSeed(seed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", seed, err)
	}
	if public := hex.EncodeToString(key.Public().(ed25519.PublicKey)); !strings.EqualFold(public, c.PublicKey) {
		return nil, fmt.Errorf("%s: is not the seed of the token %s; give the two that were made together", seed, token)
	}
	return &Signer{caller: c.Caller, signed: true, version: 2, warnings: c.warnings(), document: func(p Ping) []byte {
		return secureV2(c.Caller, p, key, jwt)
	}}, nil
}

func parse(jwt string) (c claims, err error) {
	parts := strings.Split(jwt, ".")
	if len(parts) == 3 {
		var text []byte
		if text, err = base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
			err = json.Unmarshal(text, &c)
		}
	}
	if len(parts) != 3 || err != nil {
		return c, errors.New("holds no Choria token; want a JWT, as choria jwt client writes it")
	}
	return c, nil
}

// check reports what makes nodes refuse all that the holder signs.
func (c claims) check(now time.Time) error {
	switch {
	case c.Purpose != "choria_client_id":
		return fmt.Errorf("is no token of a client (its purpose is %.40q); make one with choria jwt client", c.Purpose)
	case c.Caller == "":
		return errors.New("names no caller")
	case c.Expires != nil && float64(now.Unix()) >= *c.Expires:
		return fmt.Errorf("ended on %s; nodes refuse what it signs", time.Unix(int64(*c.Expires), 0).UTC().Format(time.DateOnly))
	}
	return nil
}

func (c claims) warnings() (all []string) {
	switch {
	case c.Permissions["signed_fleet_management"]:
		return []string{"the token is for requests that a signing service signs, too (signed_fleet_management): nodes refuse what it signs alone"}
	case !c.Permissions["fleet_management"]:
		return []string{"the token lacks the permission fleet_management: nodes refuse what it signs"}
	}
	return nil
}

func readSeed(path string) (ed25519.PrivateKey, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer clear(content)
	seed, err := hex.DecodeString(strings.TrimSpace(string(content)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("holds no ed25519 seed; want 64 hexadecimal characters")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

type requestV2 struct {
	Protocol   string `json:"protocol"`
	Message    string `json:"message"`
	ID         string `json:"id"`
	Sender     string `json:"sender"`
	Caller     string `json:"caller"`
	Collective string `json:"collective"`
	Agent      string `json:"agent"`
	TTL        int    `json:"ttl"`
	Time       int64  `json:"time"` // nanoseconds
	Filter     filter `json:"filter"`
}

type secureRequestV2 struct {
	Protocol  string `json:"protocol"`
	Request   string `json:"request"`
	Signature string `json:"signature"`
	Caller    string `json:"caller"`
}

func secureV2(caller string, p Ping, key ed25519.PrivateKey, jwt string) []byte {
	request := text(requestV2{
		Protocol: "io.choria.protocol.v2.request", Message: encode([]byte(body)), ID: p.ID, Sender: p.Sender,
		Caller: caller, Collective: p.Collective, Agent: agent, TTL: ttl, Time: p.At.UnixNano(), Filter: noFilter,
	})
	return text(secureRequestV2{
		Protocol: "io.choria.protocol.v2.secure_request", Request: encode(request),
		Signature: encode(ed25519.Sign(key, request)), Caller: jwt,
	})
}
