// Package wire reads and writes what travels through a relay: Choria transport messages, versions 1 and 2.
//
// # Scanning
//
// [Scan] makes one pass over a message and notes where its parts are as offsets ([Span]) into the caller's bytes. It
// builds no tree, copies nothing and allocates nothing. What it accepts is a subset of what encoding/json accepts, and it
// reads that subset the same way: a key given twice, a key in another letter case or spelling, invalid UTF-8, half a
// surrogate pair, wrong types and everything behind the closing brace are refused, because the next reader could see
// another message than this one did. What is laborious is bounded by the size of the message ([Limits].Parts). [Normalize] is the way in for messages that only the incumbent would take.
//
// Messages as programs written in Go send them, with the known keys in the order of their declaration and without escapes,
// take a faster way through it. That way only ever says yes, and reads what the other one would.
//
// The payload ("data") must be a string and is not looked into. One that is no base64 passes, unlike in the incumbent: Go
// readers drop such a message, Ruby skips the bytes that do not belong there, and both check the signature of the rest.
//
// # Writing
//
// [AppendRequest] and [AppendReply] write a message anew from its known keys, in the canonical order. Unknown keys do
// not pass: a reader that folds letter case could take one of them for a federation header, and stripping that header
// is what keeps collectives apart. Strings pass as they were written, escapes included.
//
// Of a trace the first entry and the last ones are written (Limits.Hops), each as two strings or three, whatever it was.
//
// # Subjects
//
// [Rules] is the only judge of subjects: what has passed it may be written into a NATS protocol line as it is. It judges
// subjects whose escapes are resolved ([Resolve], [AppendResolved]). A [Judge] applies it to the targets of one request.
//
// The formats are those of go-choria protocol/v1/transport.go and protocol/v2/transport.go.
package wire
