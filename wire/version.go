package wire

// A Version of the transport. The protocol field alone decides which one it is.
type Version uint8

// The versions; 0 is none.
const (
	V1 Version = iota + 1
	V2
)

const (
	protocolV1 = "choria:transport:1"
	protocolV2 = "io.choria.protocol.v2.transport"
)

func versionOf(protocol []byte) Version {
	switch string(protocol) {
	case protocolV1:
		return V1
	case protocolV2:
		return V2
	}
	return 0
}

// The keys of each object, by position. Their names differ from version to version.
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

// lookup returns the position of name in known, -1 if it is not there. A name in another letter
// case or with escapes, which encoding/json would also take, is found, but not exact.
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
