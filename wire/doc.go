// Package wire reads and writes what travels through a relay: Choria transport messages, versions 1
// and 2, and the frames that carry them.
//
// # Envelopes
//
// This is a request of version 1 as a client sends it, and where the spans of its [Envelope] point
// to. D marks Data (with its quotes), R Reply, S Sender, Q FedRequest, and each run of T is a
// target:
//
//	{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{
//	                                        DDDDDDDDDD
//	"reply-to":"mcollective.reply.c1.7","mc_sender":"client1",
//	            RRRRRRRRRRRRRRRRRRRRRR               SSSSSSS
//	"federation":{"req":"4f2a","target":["mcollective.node.web1","mcollective.node.web2"]}}}
//	                     QQQQ             TTTTTTTTTTTTTTTTTTTTT   TTTTTTTTTTTTTTTTTTTTT
//
// Both nodes get the same payload, made by [AppendRequest]. Only its subject names the node:
//
//	{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{
//	"reply-to":"choria.federation.london.collective","mc_sender":"client1",
//	"seen-by":[["nats://fed1:4222","relay1 (fedrelay:london)","nats://col1:4222"]],
//	"federation":{"req":"4f2a","reply-to":"mcollective.reply.c1.7"}}}
//
// A node answers to the subject of the relay. F marks FedReply, the subject that the reply goes to:
//
//	{"protocol":"choria:transport:1","data":"d29ybGQ=","headers":{
//	                                        DDDDDDDDDD
//	"mc_sender":"web1",
//	             SSSS
//	"federation":{"req":"4f2a","reply-to":"mcollective.reply.c1.7"}}}
//	                     QQQQ              FFFFFFFFFFFFFFFFFFFFFF
//
// The client gets it without the federation object, made by [AppendReply]:
//
//	{"protocol":"choria:transport:1","data":"d29ybGQ=","headers":{
//	"mc_sender":"web1",
//	"seen-by":[["nats://col1:4222","relay1 (fedrelay:london)","nats://fed1:4222"]]}}
//
// Version 2 has other names for the same things. H marks Trace, the list of hops, with its
// brackets:
//
//	{"protocol":"io.choria.protocol.v2.transport","data":"aGVsbG8=","headers":{
//	                                                     DDDDDDDDDD
//	"reply":"choria.reply.c1.7","sender":"client1",
//	         RRRRRRRRRRRRRRRRR            SSSSSSS
//	"trace":[["nats://fed1:4222","client1","nats://fed1:4222"]],
//	        HHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH
//	"federation":{"request":"4f2a","targets":["choria.node.web1"]}}}
//	                         QQQQ              TTTTTTTTTTTTTTTT
//
//	{"protocol":"io.choria.protocol.v2.transport","data":"d29ybGQ=","headers":{
//	                                                     DDDDDDDDDD
//	"sender":"web1",
//	          SSSS
//	"federation":{"request":"4f2a","reply":"choria.reply.c1.7"}}}
//	                         QQQQ           FFFFFFFFFFFFFFFFF
//
// Real messages have no line breaks between these parts. The formats are those of go-choria,
// protocol/v1/transport.go and protocol/v2/transport.go.
//
// # Frames
//
// A message comes in a frame of the NATS client protocol, and a copy leaves in one. The payload M
// of a MSG frame is the message, which stays in the buffer it was read into. A PUB frame begins
// with a line L. If one payload goes to many subjects, its frames differ in their start S only, and
// share the tail T. \r\n stands for two bytes:
//
//	MSG choria.federation.london.federation f1 5\r\nhello\r\n
//	                                                MMMMM
//
//	PUB mcollective.node.web1 5\r\nhello\r\n
//	LLLLLLLLLLLLLLLLLLLLLLLLLLLLLLL
//	SSSSSSSSSSSSSSSSSSSSSSSSSTTTTTTTTTTTTTTT
//
// [AppendPub] appends a whole frame, [AppendPubLine] and [AppendPubStart] parts of it.
//
// # Scanning
//
// [Scan] makes one pass over a message and notes where its parts are, as offsets ([Span]) into the
// caller's bytes. It builds no tree, copies nothing and allocates nothing.
//
// What it accepts is a subset of what encoding/json accepts, and it reads that subset the same way.
// It rejects a key given twice, a key in another letter case or spelling, invalid UTF-8, half a
// surrogate pair, wrong types, and anything behind the closing brace. With such things the next
// reader could see another message than Scan does. Parts of a message that take much time for few
// bytes are limited in proportion to its size ([Limits].Parts). [Normalize] is for messages that
// only the incumbent would take.
//
// There are two ways through a message. The fast way (canonical.go) is for messages as programs
// written in Go send them, with the known keys in the order of their declaration and without
// escapes. It accepts a message, with the same result as the other way (parser.go), or leaves it to
// that.
//
// The payload, data, must be a string, and Scan does not look into it. A payload that is no base64
// passes, unlike in the incumbent. Readers written in Go drop such a message, and Ruby skips the
// bytes that are not base64. Both check the signature of what they have decoded.
//
// # Writing
//
// [AppendRequest] and [AppendReply] write a message anew from its known keys, in the canonical
// order. They leave out unknown keys, because a reader that folds letter case could take one of
// them for a federation header. Collectives stay apart only because that header is removed. Strings
// are written as they came, escapes included.
//
// Of a long trace only the first entry and the last ones are written ([Limits].Hops). Each is
// written as two or three strings, whatever it was.
//
// # Subjects
//
// [Rules] alone decides about subjects: a subject that it allows may be written into a line of the
// NATS protocol as it is. Escapes must be resolved before ([Resolve], [AppendResolved]). A [Judge]
// applies Rules to the targets of one request.
package wire
