package wire

// A Reason says why a message, or one copy of it, goes no further. OK means that it does.
type Reason uint8

// The reasons, in the order in which a message meets them.
const (
	OK Reason = iota

	// Refused by Scan.
	Malformed      // not JSON, cut short, bytes behind the end, invalid UTF-8
	TooDeep        // nested deeper than Limits.Depth
	DuplicateKey   // a known key twice, or in another spelling
	BadType        // a known key with a value of the wrong type
	BadVersion     // unknown protocol, or the names of the other version
	BadData        // no payload
	TooManyTargets // more than Limits.Targets
	TooManyHops    // more than Limits.Hops

	// Refused by the router.
	NotFederated    // no federation header
	NoTargets       // a request that names nobody
	NoReply         // no subject for the answer
	BadSubject      // bytes that no subject may hold
	EmptyToken      // nothing between two dots
	Wildcard        // a token * or >
	SubjectTooLong  // longer than Limits.Subject
	NotAllowed      // a target outside the allowed shapes or collectives
	ReplyNotAllowed // a reply subject outside the allowed shapes or collectives
	Loop            // a subject of a federation broker
	DuplicateTarget // one target too often
	FanoutBytes     // size times targets above Limits.FanoutBytes

	// Refused by the publisher.
	TooLarge // above the max_payload of the side it goes to

	// NumReasons is how many there are.
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
	TooManyHops:     "too_many_hops",
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
}

// String returns the name that r has in metrics and logs; OK is the empty string.
func (r Reason) String() string { return reasonNames[r] }
