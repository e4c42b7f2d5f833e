package wire

// An Envelope says where the parts of one message are. All spans are offsets into the bytes that
// Scan was given. The span of a string leaves out the quotes, and its text is as it was written,
// escapes included. A part that is missing, null or the empty string is an empty Span.
type Envelope struct {
	Version   Version
	Federated bool // there is a federation object
	HasTrace  bool // there is a trace list, perhaps an empty one
	Escapes   bool // strings of the message may hold escapes

	Data   Span      // the payload with its quotes, or the word null (Normalize only)
	Reply  Span      // headers.reply-to, headers.reply
	Sender Span      // headers.mc_sender, headers.sender
	Trace  Span      // headers.seen-by, headers.trace, with its brackets
	Hops   int       // entries of Trace
	kept   keptTrace // which entries of Trace are written

	FedRequest Span // federation.req, federation.request
	FedReply   Span // federation.reply-to, federation.reply
	FedTargets int  // entries of federation.target, federation.targets
}

// A Span is a run of bytes, as an offset and a length in bytes. Its owner says which buffer it
// belongs to. The zero Span is empty.
type Span struct{ Off, Len uint32 }

// Of returns the bytes of s in b. The result aliases b.
func (s Span) Of(b []byte) []byte { return b[s.Off : s.Off+s.Len : s.Off+s.Len] }

// Empty reports whether s holds no bytes.
func (s Span) Empty() bool { return s.Len == 0 }

func spanOf(from, to int) Span { return Span{Off: uint32(from), Len: uint32(to - from)} }
