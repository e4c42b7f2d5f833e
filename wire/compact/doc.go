// Package compact reads and writes compact messages: a request to any number of nodes as one
// message, and any number of replies as one message. They travel on a long line in the place of
// JSON messages, on the same subjects. The first byte tells them apart.
//
// An [Encoder] writes them, a [Decoder] reads them. What a Decoder hands out is the JSON that went
// in, byte for byte, as wire.AppendMessage spells it. So signatures stay valid, and everything that
// carries JSON messages carries these, too.
//
// # Layout
//
// These are the first bytes of a message with three replies, in hexadecimal:
//
//	fe 01 02 a7 b1 e7 5f 9b 03 03 00 ca 01 63 04 28 b5 2f fd ...
//	M  V  K  CCCCCCCCCCC BBBBB N  G  TTTTT P  R  SSSSSSSSSSS
//
// M is the mark ([Mark]), V the version (1), K the kind ([KindRequest], [KindReplies]), C the
// checksum. Then come numbers: B is how many bytes of JSON there are, N how many messages, G how
// many targets (of a request). T is the size of the text stream, P how many bytes of the message it
// takes, R the size of the raw stream. Behind them are the text stream S, the raw stream, and as
// many zeros as [MaxRatio] asks for.
//
// A number has 7 bits in each byte, the lowest first, and the highest bit set in all bytes but the
// last: LEB128, like encoding/binary.AppendUvarint, in as few bytes as possible. The checksum is
// the CRC-32C of all bytes but its own four, the lowest first. Bytes means a number and then so
// many bytes.
//
// The text stream holds what compression can make smaller. It is one zstd frame (RFC 8878) with the
// text of dictionary.go as content-only dictionary 1, or stored as it is if P equals T. The raw
// stream holds what looks random, uncompressed: signatures, keys, digits of random names. It is
// kept apart because it would spoil the statistics of the text.
//
// # Request
//
// The text stream of a request to three nodes, of which a client has sent two in one message and
// one in another, and its raw stream:
//
//	"\x01\x90\U000654604\x80\x01{\"protocol\":\"choria:transport:1\",\"data\":\"\xf9hello\xfc\",\"headers\":{\"reply-to\""
//	":\"m.reply.c.7\",\"federation\":{\"req\":\"4f\",\"target\":[\"\xf8\"]}}}\v\x01\x01\x01\x02\x01\vm.node.web\x01\x03\x11\x01\x01"
//	"\x01\x00\x00\x02\x06"
//
// First there is the number of edges that the request has passed, and its deadline in milliseconds
// of Unix time (8 bytes here, 0 if unknown). Then come the bytes of the flat text that all its
// messages share, with the mark F8 where targets belong. A number follows: how long the key in
// front of the targets is, from its comma to the bracket (11 here). A message without targets has
// neither that nor the bracket behind them. Both are left out if no message has targets. Then come
// a column with the number of targets of each message, and a list of all targets if there are any.
//
// # Replies
//
// The text stream of three replies, and the raw stream:
//
//	"#mcollective.reply.edge.ams.london.=\x01\x86\x01{\"protocol\":\"choria:transport:1\",\"data\":\""
//	"\xf9{\"a\":1}\xfc\",\"headers\":{\"mc_sender\":\"web1\",\"federation\":{\"req\":\"4f\",\"reply-to\":\"m."
//	"reply.c.7\"}}}\x02\x02/\x01\x1c\x04\x05\x00\x00\x00\x00\x00\x0127\x05\x01\x00\x01\x00\x00\x01\x01\x01web27"
//	"\x00\x03\x03\x00"
//
// First there are the bytes of the return address, and how many templates there are (1 here). If
// there is more than one, a column says which one each reply has. The first reply of a template is
// the template itself, the others are its rows.
//
// A template is the bytes of its flat text, the number of its rows (2), and if that is not 0 the
// number of its slots (2). A slot is a place in the template where some row has something else. It
// is two numbers: how many bytes it begins behind the end of the slot before, or of nothing (47),
// and how many bytes it has (1, the digit in the data). Then each slot has a list of what the rows
// have there, row by row.
//
// # Flat texts
//
// A flat text is a message in which base64 is undone, as deep as it comes back exactly. Marks are
// bytes that UTF-8 does not have:
//
//	F8       where the targets of a request belong
//	F9 x FC  the base64 of x, padded
//	FA x FC  the same, with \n behind each 60 characters and at the end, as Ruby clients send it
//	FB x FD  the base64 of x without padding and with - and _, and a dot behind it: a part of a token
//	FE       the base64 of a SHA-256, as a v1 secure reply has it
//	FF       the same, as a v2 secure reply has it
//
// FC and FD end what F9, FA or FB began, whichever that was. Marks may stand in x, up to four deep.
//
// FE and FF stand where the level around them has ,"hash":" in front. FE is the hash of the JSON
// string behind the first "message":" of that level, with its escapes resolved. It ends where that
// key begins. FF is the hash of the bytes whose base64 ended last in that level. A level has one of
// them at most.
//
// # Lists
//
// A list is a number of texts. Its first byte says how they are written:
//
//	0  all are equal: its bytes
//	1  they are those of an earlier list of the same template: its number, from 0
//	2  shapes, see below
//	3  base64 texts of the same length, padded: a number n; n raw bytes for each text
//	4  the same for base64 without padding, with - and _
//	5  front-coded: a column of how many bytes each shares with the beginning of the one before, a
//	   column of how many it shares with its end, a column of how many it has of its own; then those
//
// A shape is a text with places for numbers. A byte 1 is a decimal number without zeros in front. A
// byte 2 and a byte n are n decimal digits, up to 19. A byte 3 and a byte n are n hexadecimal
// digits in lower case, up to 16. A list of shapes has the number of shapes, and for each its bytes
// and how many texts have it. If there is more than one, a column says which one each text has.
// Then come the columns of the first place of the first shape, of its second place, and so on.
//
// # Columns
//
// A column is as many 64-bit numbers as the text around it says. Its first byte is the number of
// planes, 0 to 8, plus 16 if it holds differences. Then there is a number, the base. If there are
// planes, a byte says which of them are in the raw stream: bit 0 is for the first one. A plane has
// a byte for each number, the lowest eight bits in the first plane. What planes give is added to
// the base, or, as a difference, to the number before. Differences are zigzag: 0, 1, 2, 3 are 0,
// -1, 1, -2.
//
// # What a reader checks
//
// A Decoder trusts nothing. Before it takes memory it checks the checksum, and B, N and G against
// [Limits] and against the size of the message ([MaxRatio]). T may be twice B and 1,024 at most. A
// message has 8,192 columns and shapes together and 1,024 lists at most, and a template 64 slots.
// The flat texts of all replies, and 64 bytes for each slot of each row, are 4 times B and 1,024 at
// most. So a writer gives a template two slots, and one more for each 64 bytes of its shortest
// text. zstd may write T bytes, and no more. All that a message expands to must be as large as it
// says, and everything in it must be used.
//
// It does not read the JSON that comes out. Each message must be Scanned, exactly as if it had come
// alone. So a compact message can only say what JSON messages could have said: one place is one
// message.
//
// [wire.CompactVersion] is a message with another V, whatever is behind it. [wire.CompactChecksum]
// is damage, [wire.DecompressLimit] something beyond a limit, and [wire.CompactMalformed] the rest.
//
// # Cost
//
// Both ends keep their memory, so a warm one allocates nothing: some 1 MB for an Encoder, 10 MB
// after hostile messages, and as much as the largest message lately for a Decoder. See
// docs/adr/0019-compact-messages.md for times.
package compact
