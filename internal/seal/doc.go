// Package seal makes and opens sealed return addresses. A relay puts a seal in the place of the
// request id that nodes echo (federation.req). When a reply brings it back, any relay of the
// cluster can say that it asked for this reply, when, and until when it wants it. No relay
// remembers anything.
//
// A [Sealer] makes seals, an [Opener] opens them. Both use the [Keys] of a [Ring], which somebody
// else may replace at any time. The package does no I/O, and reads no clock.
//
// # Layout
//
// This is a seal, and what its text decodes to. The text is base64url without padding (RFC 4648).
// The numbers are big endian:
//
//	fs1.S7aXnrl8OQZhTGT_REAANu6ANGYyYTjIvcLABhKtABKsFRo605U
//	PPPPEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
//
//	4bb697 9eb97c39 06614c64ff4440 0036ee80 34663261 38c8bdc2c00612ad0012ac151a3ad395
//	SSSSSS KKKKKKKK IIIIIIIIIIIIII LLLLLLLL RRRRRRRR MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM
//
//	P  "fs1.", the version. No request id of Choria has a dot in it.
//	E  what follows, in base64url
//
//	   offset  bytes
//	S   0       3  scope     which cluster, and who seals there; see Scope
//	K   3       4  key       the id of the key; see Key
//	I   7       7  issued    when the seal was made, in microseconds since 1970
//	L  14       4  lifetime  from issued, cut to milliseconds, to the deadline; in milliseconds
//	R  18       n  request   the request id that the seal replaces, at most MaxRequest bytes
//	M  18+n    16  mac       of everything before it, and of the reply subject
//
// The sample is for the cluster london and the reply subject mcollective.reply.74ce5a83.7c1f0a52,
// with a secret of the bytes 0 to 31.
//
// The mac is the first 16 bytes of HMAC-SHA-256 over bytes 0 to 18+n, the reply subject, and the
// length of the reply subject (4 bytes). Its key is derived from the secret of the key file with
// HKDF-SHA-256, for each scope another one. So a seal is good for one reply subject, and an edge
// does not take the seal of a relay for its own.
//
// Why HMAC and not AES-GCM: instances share keys and keep no state, so they would have to draw
// random nonces, and one that comes twice gives GCM's key away. HMAC needs none. Nothing in a seal
// is worth hiding: the node has the reply subject beside it, and the time.
//
// # Nesting
//
// Edges seal as relays do. Then the request id that a relay replaces is the seal of an edge, and
// that may have one of another edge in it. Each adds a third to what it holds, and 50 bytes. A
// request id of up to 500 bytes passes wire.MaxEdges edges and a relay. A longer one than
// MaxRequest is left out: the seal is good, but the reply has no request id when it is opened.
//
// # Reasons
//
// Open finds one reason for what it does not open, the first of these that holds:
//
//	SealMissing       empty, or does not begin as a seal does: the id of a request that was not
//	                  sealed; or it was by an edge of the cluster only, and a relay shall open it
//	SealMalformed     begins as a seal, but is cut short, too long, no base64url, of another version
//	SealOtherCluster  the scope of another cluster
//	SealUnknownKey    no key has that id
//	SealForged        the mac is another: one of the parts or the reply subject was changed
//	SealExpired       the deadline has passed by more than Leeway
//
// # Keys
//
// A key file has one line for each key (see Parse). All instances of a cluster seal with the newest
// key whose time has come, and open with all. So a key is added before it is used, and stays until
// all that it sealed has expired: no reply is lost, and no instance must be first.
package seal
