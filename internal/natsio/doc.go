// Package natsio keeps connections to NATS: it finds servers, logs in, notices every way a connection can end, and makes
// another. With internal/demo and the tests it is the only importer of nats.go.
//
// # Epochs
//
// A [Link] owns one connection at a time, a [Session], and tells a [Handler] (a source or a publisher) about it. nats.go never
// reconnects here: a connection that ends stays ended, and the Link makes a fresh one from fresh server lists, credentials and
// certificates, for ever: on another server at once, on the same one after a jittered backoff. Three things follow:
//
//   - Every end is the same case: restart, revoked login, an -ERR nobody has heard of, a stale link. nats.go alone gives up
//     for good on several of these.
//   - A PONG speaks for its own connection only. Flushing through a reconnect confirms what was never sent.
//   - Nothing is replayed. What was in doubt when an epoch ended is its owner's to account for.
//
// # The connection nats.go sees
//
// We dial, read the greeting and do the TLS handshake ourselves; nats.go reads plain text from an epochConn on top. It is
// there for what cannot be had otherwise: an exact count of refusals before the PONG that follows them, time to consume what
// nats.go has queued before it throws that away, an end to the connection at the first failed write (nats.go drops the bytes
// and carries on), and limits on what a server may make us allocate (nats.go believes any size in a MSG line, and panics).
// Over WebSocket the frames are not visible to us: linger then covers read errors only, and a Settle relies on nats.go's
// last error.
//
// # Frames
//
// On a framed connection, which is every other one unless the Endpoint is Portable, the messages of a [Source] never reach
// nats.go: they are taken out of the stream as batches, where they lie, and carried by the goroutine that reads. A [Publisher]
// writes whole frames beside nats.go. Our PINGs are told from nats.go's by their order. nats.go's keep-alive is off, because
// it cannot know when reading is paused on purpose; ours takes its place.
//
// # Credentials
//
// All files are read at every connect, by the code that [Endpoint.Inspect] shows them to an operator with: what does not parse,
// what does not belong together, what has ended or will soon. A failed connect says as whom it was tried. Nothing is signed but
// what a nonce looks like: a Choria token's key signs requests, too, and a server chooses what a login signs.
//
// # Weight
//
// A member of a queue group gets a share for each of its subscriptions, so a [Source] can have several. They come and go
// together.
//
// # Moves
//
// When a server announces lame duck mode, or DNS no longer lists it, the Link connects elsewhere first, attaches the new
// session, and only then retires the old one, beside everything else and for as long as that one lives: a slow path may have much
// on its way there. Only the next move, or a stop, puts a limit to it. When no other server can be had the old one is kept until
// it dies.
//
// # Readiness
//
// A [Publisher] judges a login before it uses it (docs/adr/0013): by the server's word, else by a harmless probe. A publisher or
// the Link replaces a connection that is alive by another to the same server where only a new login tells more: what it may
// do now, what size the server takes by now. A server that owes an answer for two seconds is suspected, which ends nothing.
//
// # Where is what
//
//	link.go supervise.go move.go    the Link: connect, hold, move, end
//	attempt.go backoff.go outage.go one round over all servers; who is left alone, how long; what is logged about failures
//	session.go denied.go            a connection as its user sees it; refused publishes and subscriptions
//	dial.go greeting.go             TCP, INFO and TLS
//	conn.go connread.go protocol.go the connection under nats.go; where server frames begin and end
//	framed.go framer.go split.go    the same, framed: state and commands; buffers and batches; one frame after the other
//	write.go records.go             how long a write may take; the same below TLS
//	msgline.go gather.go            a message line taken apart; what one write consists of
//	keepalive.go pings.go pace.go   which silence is the end; PINGs under way; how fast they are answered
//	suspicion.go                    which silence only looks like the end
//	rights.go userinfo.go           what a login may publish to; patterns.go is their arithmetic
//	renew.go standing.go            another connection to the same server; what is known about the login in use
//	endpoint.go natscontext.go      settings to nats.go options
//	auth.go choria.go tlsconf.go    who we are, who they are; certificate.go: PEM files; nonce.go: what is signed
//	inspect.go claims.go            what the files are worth; credential.go: what they are called
//	choriainbox.go                  where Choria's broker lets us listen
//	resolve.go srv.go address.go    server lists
//	explain.go advice.go            errors in an operator's words, and what to do
//	source.go join.go intake.go     a Handler: messages in; subscription.go, inbox.go and gate.go are its parts
//	publisher.go epoch.go cursor.go a Handler: messages out, and the books of one connection
//	absence.go                      when a copy is late
//	heartbeat.go arrival.go         whether this process stood still; when a message arrived then
package natsio
