package seal

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// MaxFile is how many bytes a key file has at most.
const MaxFile = 64 << 10

// fileHead is what a key file begins with.
const fileHead = `# Keys of fedrelay for sealed return addresses. Whoever reads them can make such addresses.
# All relays of a cluster need the same file: see fedrelay keys --help.
# id     used from            secret
`

// Parse reads a key file. Each line has the id of a key, the time from which it is used for
// sealing, and its secret in base64url:
//
//	ab1a22b1 2026-11-28T01:50:00Z q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA
//
// Empty lines and those that begin with # are left out. The id must fit to the secret, so that a
// damaged line is found. An error never shows a secret.
func Parse(text []byte) (*Keys, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("has more than %d bytes", MaxFile)
	}
	var all []Key
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		key, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		all = append(all, key)
	}
	return NewKeys(all...)
}

func parseLine(line string) (k Key, err error) {
	words := strings.Fields(line)
	if len(words) != 3 {
		return k, fmt.Errorf("has %d words, want the id of a key, the time from which it is used, and its secret",
			len(words))
	}
	if k.From, err = time.Parse(time.RFC3339, words[1]); err != nil {
		return k, fmt.Errorf("the second word is no time; want one such as 2026-11-28T01:50:00Z")
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(words[2])
	if err != nil || len(secret) != secretLen {
		return k, fmt.Errorf("the third word is no secret of %d bytes in base64url", secretLen)
	}
	k.secret = [secretLen]byte(secret)
	if words[0] != k.ID() {
		return k, fmt.Errorf("the id does not fit to the secret, whose id is %s: one of them was changed", k.ID())
	}
	return k, nil
}

// AppendFile appends the file that Parse reads.
func (k *Keys) AppendFile(dst []byte) []byte {
	dst = append(dst, fileHead...)
	for i := range k.all {
		key := &k.all[i]
		dst = fmt.Appendf(dst, "%s %s %s\n", key.ID(), key.From.UTC().Format(time.RFC3339),
			base64.RawURLEncoding.EncodeToString(key.secret[:]))
	}
	return dst
}
