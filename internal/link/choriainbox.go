package link

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// choriaInbox is where Choria's broker lets the holder of a token listen for answers: below a hash of the caller in it. Empty,
// for the library's own, where the token names none; the broker judges the token, not we.
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
	hash := sha256.Sum256([]byte(claims.Caller))
	return "choria.reply." + hex.EncodeToString(hash[:])
}
