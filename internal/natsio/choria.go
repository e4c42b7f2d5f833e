package natsio

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/nats-io/nats.go"
)

// choriaLogin is how Choria's own broker wants its tokens: the JWT twice, as auth_token and as jwt, and the server's nonce
// signed with a plain ed25519 key. nats.go encodes the signature as base64url without padding, which is what is expected.
func choriaLogin(o *nats.Options, files config.ChoriaToken) error {
	text, err := os.ReadFile(files.Token)
	if err != nil {
		return fmt.Errorf("choria token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return fmt.Errorf("choria token: %s is empty", files.Token)
	}
	key, err := choriaSeed(files.Seed)
	if err != nil {
		return err
	}
	o.Token = token
	o.InboxPrefix = choriaInbox(token)
	o.UserJWT = func() (string, error) { return token, nil }
	o.SignatureCB = func(nonce []byte) ([]byte, error) { return ed25519.Sign(key, nonce), nil }
	return nil
}

// choriaSeed reads 64 hexadecimal characters. Choria writes no newline behind them; editors do.
func choriaSeed(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("choria seed: %w", err)
	}
	defer clear(text)
	seed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("choria seed: %s does not hold 64 hexadecimal characters", path)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
