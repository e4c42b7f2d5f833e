package link

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// choriaLogin sets o to log in with a token, in the way that Choria's own broker wants it. The JWT
// is sent twice, as auth_token and as jwt, and the server's nonce is signed with a plain ed25519
// key. nats.go encodes the signature as base64url without padding, which is what the broker
// expects.
func choriaLogin(o *nats.Options, key string, files config.ChoriaToken) (Credential, error) {
	token, c, err := choriaToken(key+".token", files.Token)
	signer, seedErr := choriaSeed(key+".seed", files.Seed)
	switch {
	case err != nil && seedErr != nil:
		return Credential{}, findings{asFinding(err), asFinding(seedErr)}
	case err != nil:
		return Credential{}, err
	case seedErr != nil:
		return Credential{}, seedErr
	}
	public := hex.EncodeToString(signer.Public().(ed25519.PublicKey))
	if c.public != "" && !strings.EqualFold(c.public, public) {
		return Credential{}, wrongFile(key+".seed", files.Seed, "is not the seed of the token "+files.Token+": its key is "+
			abbreviate(public)+", the token is for "+abbreviate(c.public)+"; give the two that were made together")
	}
	c.public = public
	o.Token = token
	o.InboxPrefix = choriaInbox(token)
	o.UserJWT = func() (string, error) { return token, nil }
	o.SignatureCB = func(nonce []byte) ([]byte, error) { return ed25519.Sign(signer, nonce), nil }
	return c, nil
}

// abbreviate shortens a public key in a message: a reader only compares it with another.
func abbreviate(key string) string { return socket.Clip(key[:min(12, len(key))]) + "..." }

// choriaToken reads the JWT in a file, and whom it is for.
func choriaToken(key, path string) (token string, c Credential, err error) {
	text, err := readFile(key, path)
	if err != nil {
		return "", c, err
	}
	token = strings.TrimSpace(string(text))
	if token == "" {
		return "", c, wrongFile(key, path, "is empty; want a token as choria jwt client writes it")
	}
	claims, ok := parseChoriaToken(token)
	if !ok {
		return "", c, wrongFile(key, path, "holds no Choria token; want a JWT as choria jwt client writes it, three parts with dots between")
	}
	c = Credential{Kind: KindChoriaToken, Key: key, What: "the Choria token " + path, claims: claims, Begins: claimTime(claims.Begins), Ends: claims.ends(), public: claims.PublicKey}
	c.Who = socket.Clip(claims.holder() + " of " + c.What)
	return token, c, nil
}

// choriaSeed reads an ed25519 seed: 64 hexadecimal characters. Choria writes no newline behind
// them, but editors do.
func choriaSeed(key, path string) (ed25519.PrivateKey, error) {
	text, err := readFile(key, path)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	seed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, wrongFile(key, path, "holds no ed25519 seed; want 64 hexadecimal characters")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// choriaInbox returns the prefix of the subjects on which Choria's broker lets the holder of a
// token listen for answers. It ends with a hash of the caller. If the token names no caller it is
// empty, and nats.go uses its own prefix.
func choriaInbox(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Caller string `json:"callerid"`
	}
	if err != nil || json.Unmarshal(text, &claims) != nil || claims.Caller == "" {
		return ""
	}
	return ChoriaInbox(claims.Caller)
}

// ChoriaInboxes is what the subjects begin with on which all callers listen for answers.
const ChoriaInboxes = "choria.reply."

// ChoriaInbox returns what the subjects begin with on which Choria's brokers let a caller listen
// for answers.
func ChoriaInbox(caller string) string {
	hash := sha256.Sum256([]byte(caller))
	return ChoriaInboxes + hex.EncodeToString(hash[:])
}

// Choria reports whether s has logged in with a Choria token.
func (s *Session) Choria() bool { return strings.HasPrefix(s.Conn.Opts.InboxPrefix, ChoriaInboxes) }

// ChoriaToken returns whom the Choria token of a side is for, and its public key in hexadecimal.
// Both are empty without one. It blocks for the file.
func (e *Endpoint) ChoriaToken() (caller, key string) {
	if e.cfg.Choria.Token == "" {
		return "", ""
	}
	_, c, err := choriaToken(e.side+".choria.token", e.cfg.Choria.Token)
	if err != nil {
		return "", "" // the connect has said so
	}
	return c.claims.Caller, c.public
}
