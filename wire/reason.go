package wire

// A Reason says why a message is rejected, a target skipped or a copy refused. OK says that nothing
// is wrong.
type Reason uint8

// The reasons, in the order in which a message meets them.
const (
	OK Reason = iota

	// Reasons for which Scan rejects a message.
	Malformed      // not JSON, cut short, bytes behind the end, invalid UTF-8
	TooDeep        // nested deeper than Limits.Depth
	DuplicateKey   // a known key twice, or in another spelling
	BadType        // a known key with a value of the wrong type
	BadVersion     // unknown protocol, or the names of the other version
	BadData        // no payload
	TooManyTargets // more than Limits.Targets
	TooManyParts   // more than Limits.Parts allows

	// Reasons for which the router rejects a message.
	NotFederated    // no federation header
	NoTargets       // a request that names nobody
	NoReply         // no subject for the answer
	ReplyNotAllowed // a reply subject outside the allowed shapes or collectives

	// Reasons for which the router skips a target, or rejects a message because of its reply
	// subject.
	BadSubject      // bytes that no subject may hold
	EmptyToken      // nothing between two dots
	Wildcard        // a token * or >
	SubjectTooLong  // longer than Rules.MaxLength
	NotAllowed      // a target outside the allowed shapes or collectives
	Loop            // a subject of a federation broker
	DuplicateTarget // a target that the message has named before

	// Reason for which the router rejects a message when it knows how many copies there would be.
	FanoutBytes // size times targets above limits.fanout_bytes

	// Reason for which the publisher refuses a copy. The publisher also refuses with BadSubject.
	TooLarge // above the max_payload of the side it goes to

	// Reasons for which a compact message is rejected before Scan sees any of it (wire/compact).
	CompactMalformed // cut short, or no compact message behind the first byte
	CompactChecksum  // damaged on its way
	CompactVersion   // of a format that is newer than this program
	CompactKind      // a request where replies are expected, or the other way round
	DecompressLimit  // would expand to more than allowed
	Misdirected      // replies that are for another edge

	// Reasons for which a router rejects a message that came through edges.
	Late         // a request whose client no longer waits
	TooManyEdges // more edges than MaxEdges behind one another

	// Reasons for which a reply is rejected because of its sealed return address (internal/seal).
	SealMissing      // none: the request was not sealed
	SealMalformed    // cut short, or changed so that it is none any more
	SealUnknownKey   // made with a key that is not in the file
	SealForged       // does not fit to what it seals
	SealOtherCluster // made by relays of another cluster
	SealExpired      // too old

	// NumReasons is how many reasons there are, OK included.
	NumReasons
)

var reasonNames = [NumReasons]string{
	OK:              "",
	Malformed:       "malformed",
	TooDeep:         "too_deep",
	DuplicateKey:    "duplicate_key",
	BadType:         "bad_type",
	BadVersion:      "bad_version",
	BadData:         "bad_data",
	TooManyTargets:  "too_many_targets",
	TooManyParts:    "too_many_parts",
	NotFederated:    "not_federated",
	NoTargets:       "no_targets",
	NoReply:         "no_reply",
	BadSubject:      "bad_subject",
	EmptyToken:      "empty_token",
	Wildcard:        "wildcard",
	SubjectTooLong:  "subject_too_long",
	NotAllowed:      "not_allowed",
	ReplyNotAllowed: "reply_not_allowed",
	Loop:            "loop",
	DuplicateTarget: "duplicate_target",
	FanoutBytes:     "fanout_bytes",
	TooLarge:        "too_large",

	CompactMalformed: "compact_malformed",
	CompactChecksum:  "compact_checksum",
	CompactVersion:   "compact_version",
	CompactKind:      "compact_kind",
	DecompressLimit:  "decompress_limit",
	Misdirected:      "misdirected",
	Late:             "late",
	TooManyEdges:     "too_many_edges",
	SealMissing:      "seal_missing",
	SealMalformed:    "seal_malformed",
	SealUnknownKey:   "seal_unknown_key",
	SealForged:       "seal_forged",
	SealOtherCluster: "seal_other_cluster",
	SealExpired:      "seal_expired",
}

// OfTarget reports whether a target can be skipped for r.
func (r Reason) OfTarget() bool { return BadSubject <= r && r <= DuplicateTarget }

// OfSeal reports whether a seal can be found bad for r.
func (r Reason) OfSeal() bool { return SealMissing <= r && r <= SealExpired }

// String returns the name that r has in metrics and logs; OK is the empty string.
func (r Reason) String() string { return reasonNames[r] }
