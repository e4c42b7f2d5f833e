package wire

import "unicode/utf8"

// The keys of each object, by their positions in it. Their names differ between versions.
const (
	keyProtocol = iota
	keyData
	keyHeaders

	keyReply = iota - 3
	keySender
	keyTrace
	keyFederation

	keyFedRequest = iota - 7
	keyFedReply
	keyFedTargets
)

// A level is one object of the envelope: its keys in canonical order, and the names that the other
// version has for them.
type level struct{ known, foreign []string }

var (
	headersV1    = []string{"reply-to", "mc_sender", "seen-by", "federation"}
	headersV2    = []string{"reply", "sender", "trace", "federation"}
	federationV1 = []string{"req", "reply-to", "target"}
	federationV2 = []string{"request", "reply", "targets"}

	topLevel = &level{known: []string{"protocol", "data", "headers"}}

	// Indexed by Version.
	headersLevel = [...]*level{
		V1: {known: headersV1, foreign: headersV2[:keyFederation]},
		V2: {known: headersV2, foreign: headersV1[:keyFederation]},
	}
	federationLevel = [...]*level{
		V1: {known: federationV1, foreign: federationV2},
		V2: {known: federationV2, foreign: federationV1},
	}
)

// lookup returns the position of name in known, or -1 if it is not there. A name in another letter
// case or with escapes, which encoding/json would also take, is found, but exact is false.
func lookup(name []byte, known []string) (key int, exact bool) {
	for i, k := range known {
		if string(name) == k {
			return i, true
		}
	}
	for i, k := range known {
		if folds(name, k) {
			return i, false
		}
	}
	return -1, false
}

// contains is slices.Contains without a conversion that allocates.
func contains(list []string, name []byte) bool {
	for _, s := range list {
		if s == string(name) {
			return true
		}
	}
	return false
}

// folds reports whether encoding/json takes name, a JSON string without its quotes, for key. It
// resolves escapes and then ignores letter case.
func folds(name []byte, key string) bool {
	for i := 0; i < len(key); i++ {
		if len(name) > 0 && name[0] < utf8.RuneSelf && name[0] != '\\' {
			if lower(rune(name[0])) != rune(key[i]) {
				return false
			}
			name = name[1:]
			continue
		}
		r, n := firstRune(name)
		if lower(r) != rune(key[i]) {
			return false
		}
		name = name[n:]
	}
	return len(name) == 0
}

// firstRune returns the character that name begins with, and how many bytes spell it. It returns
// U+FFFD if name is empty, or begins with something that cannot be part of a known key.
func firstRune(name []byte) (rune, int) {
	if len(name) == 0 || name[0] != '\\' {
		return utf8.DecodeRune(name)
	}
	if code := unicodeEscape(name); code >= 0 {
		return code, 6
	}
	return utf8.RuneError, 2
}

// lower folds a character as encoding/json does. It need only be right for characters that can
// become a letter of a known key.
func lower(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A'
	case r == 'ſ':
		return 's'
	case r == '\u212a': // the Kelvin sign
		return 'k'
	}
	return r
}
