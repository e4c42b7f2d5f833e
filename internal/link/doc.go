// Package link keeps connections to NATS: it finds servers, logs in, notices every way a connection
// can end, and makes another.
//
// # Life of a link
//
// A [Link] owns one connection at a time, a [Session], and tells a [Handler] about it. nats.go
// never reconnects here: a connection that ends stays ended, and the Link makes a fresh one from
// fresh server lists, credentials and certificates, for ever: on another server at once, on the
// same one after a jittered backoff. Three things follow:
//
//   - Every end is the same case: a restart, a revoked login, an -ERR nobody has heard of, a stale
//     link. nats.go alone gives up for good on several of these.
//   - A PONG speaks for its own session only. Flushing through a reconnect confirms what was never
//     sent.
//   - Nothing is replayed. What was in doubt when a session ended is its user's to account for.
//
// Run is establish, which tries every server in turn (round, connect, attach), and hold, which
// waits for what may happen to the session: an end (lost), a stop (retire), a move or a renewal.
//
// # Planes
//
// A session reads and writes in one of two planes, picked by newPlane when it is made: see plane.
// In the framed plane nats.go keeps the connection, and messages go beside it; in the library plane
// nats.go does everything. This package is about what both have in common. What is carried is for
// those who use sessions.
//
// # Credentials
//
// All files are read at every connect, by the code that [Endpoint.Inspect] shows them to an
// operator with: what does not parse, what does not belong together, what has ended or will soon. A
// failed connect says as whom it was tried. Nothing is signed but what a nonce looks like: a Choria
// token's key signs requests, too, and a server chooses what a login signs.
//
// # Moves
//
// When a server announces lame duck mode, or DNS no longer lists it, the Link connects elsewhere
// first, attaches the new session, and only then retires the old one, beside everything else and
// for as long as that one lives: a slow path may have much on its way there. Only the next move, or
// a stop, puts a limit to it. When no other server can be had the old one is kept until it dies.
//
// # Readiness
//
// [Rights.Judge] says what a login may do before it is used (docs/adr/0013): by the server's word,
// else by a harmless probe. A handler or the Link replaces a connection that is alive by another to
// the same server where only a new login tells more: what it may do now, what size the server takes
// by now. A server that owes an answer for two seconds is suspected, which ends nothing.
//
// # Locks
//
// None is held while another of this package is taken, nor while a handler is called. denials.mu is
// held for a look at nats.go's last error, which takes a lock of nats.go.
//
// # Once broke
//
//   - nats.go gives up for good after -ERR (TestControlLineErrorIsRebuilt,
//     TestUnknownServerErrorIsRebuiltWithinASecond).
//   - A PONG overtook the denials before it, on their way through nats.go
//     (TestRefusedPublishesAreCountedExactlyAfterSettle).
//   - A server took a permission away and dropped a subscription without a word to anybody
//     (TestSubscriptionTakenBackEndsTheSession).
//   - A lame duck was left for itself, by another of its addresses
//     (TestLameDuckDoesNotMoveToTheSameServer).
//   - A server without TLS got a token in clear (TestNoDowngrade,
//     TestWebSocketWithoutTheTLSThatIsWanted).
//   - A server had something signed that was no nonce (TestAServerThatForgesNoncesIsPassedBy).
//   - All relays that lost a server came back at once (TestLinksThatLoseAServerSpread).
//
// # Where is what
//
//	link.go supervise.go move.go     the Link: connect, hold, move, end; events.go: what is counted
//	attempt.go backoff.go outage.go  one round over all servers; who rests how long; what is logged
//	session.go denied.go             a connection as its user sees it; what it was denied
//	plane.go framed.go library.go    how a session reads and writes; the pick
//	suspicion.go                     which silence only looks like the end
//	rights.go permissions.go         what a login may publish to
//	renew.go                         another connection to the same server
//	dial.go                          nats.go's dialer
//	endpoint.go natscontext.go       settings to nats.go options
//	auth.go choria.go nonce.go       who we are; what is signed
//	tlsconf.go certificate.go        who they are; PEM files
//	inspect.go claims.go             what the files are worth; credential.go: what they are called
//	resolve.go srv.go address.go     server lists
//	explain.go advice.go             errors in an operator's words, and what to do
package link
