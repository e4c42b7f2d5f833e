// Package link keeps connections to NATS. It finds servers, logs in, notices every way in which a
// connection can end, and then makes another.
//
// The package owns connections, from the server list to their end. It reads the credentials,
// certificates and contexts for them. It does not know what they carry. A [Handler] uses a
// connection.
//
// # Life of a link
//
// A [Link] keeps one connection at a time, a [Session], and tells its Handler about it. nats.go
// never reconnects here. A connection that ends stays ended, and the Link makes a new one from
// fresh server lists, credentials and certificates, for ever: to another server at once, to the
// same one after a jittered backoff. Three things follow:
//
//   - Every end is the same case: a restart, a revoked login, an -ERR nobody has heard of, a stale
//     connection. nats.go alone gives up for good on several of these.
//   - A PONG speaks for its own session only. A flush through a reconnect would confirm what was
//     never sent.
//   - Nothing is replayed. The user of a session accounts for what is in doubt at its end.
//
// Link.Run is a loop of two functions, and nearly all work of the Link is done in its goroutine:
//
//	establish    until a session is attached; a backoff after each round
//	  round      every server once: those that have to rest last, the one to be left behind them
//	  connect    TCP, greeting, TLS and login by a dialer; then the session is alive
//	  attach     Handler.Attach
//	hold         waits for what may happen to the session
//	  lost       it died: Handler.Lost, and the loop begins anew
//	  retire     the Link stops: Handler.Retire
//	  move       lame duck, or not listed any more: attach elsewhere, then retire it beside Run
//	  renew      the same server once more, with fresh credentials; then retire it beside Run
//	  planned    the Endpoint was replaced: does the session still do, or is a move due?
//
// # Life of a session
//
// A session is made by connect. Its user has it from Attach on, until Retire or Lost returns. Done
// is closed after nats.go's last callback, whoever ended the connection, and Err says why. Two
// goroutines run beside a session, and end when Done is closed: the keep-alive of the framed plane,
// and a watcher that may suspect the server.
//
// # Planes
//
// A session reads and writes in one of two planes (plane.go), which newPlane picks when the session
// is made. In the framed plane nats.go keeps the connection, and messages go beside it. In the
// library plane nats.go does everything. Most of this package is the same for both.
//
// # Credentials
//
// All files are read at every connect. [Endpoint.Inspect] reads them with the same code. It tells
// an operator which files do not parse or do not belong together, and which credentials have ended
// or will soon. The error of a failed login says as whom it was tried. Nothing is signed that does
// not look like a nonce, because the server chooses what a login signs, and the key of a Choria
// token signs requests, too.
//
// # Moves
//
// When a server announces lame duck mode, or DNS no longer lists it, the Link connects elsewhere
// first. It attaches the new session, and only then retires the old one, in a goroutine of its own.
// Retiring may take for as long as the old session lives, because a slow path may have many
// messages under way on it. Only the next move, or a stop, limits it to HandlerTimeout. When no
// other server can be had the old session is kept until it dies.
//
// # Other settings
//
// A reload gives all links of a side another [Endpoint] ([Endpoint.Replace]). Each link compares
// what its session was made with and what a connect would read now. Where that differs, or where
// the server is not listed any more, it moves as above. A link that cannot connect by the new
// settings keeps its session, says so ([Status].Outdated), and tries again.
//
// # Readiness
//
// [Rights.Judge] finds out what a login may do before it is used (docs/adr/0013). It asks the
// server, and sends harmless probes if the server does not answer. A handler may ask for a
// [Renewal], another session to the same server. Only a new login shows that the server permits
// more now, or takes larger payloads. A server that owes an answer for two seconds is suspected,
// but its connection stays.
//
// # Locks
//
// There are five: Link.mu, Session.mu, denials.mu, flushes.mu and tlsSessions.mu. None is held
// while another of them is taken, nor while a handler is called. Two are held while locks of other
// packages are taken:
//
//	Session.mu    before nats.go's and Conn.mu of package socket, for the reason of an end (onClosed)
//	denials.mu    before nats.go's, for a look at its last error (settled)
//
// # Once broke
//
//   - nats.go gives up for good after -ERR (TestControlLineErrorIsRebuilt,
//     TestUnknownServerErrorIsRebuiltWithinASecond).
//   - A PONG overtook the denials before it, on their way through nats.go
//     (TestDeniedPublishesAreCountedExactlyAfterSettle).
//   - A server took a permission away and dropped a subscription without a word to anybody
//     (TestSubscriptionTakenBackEndsTheSession).
//   - A move away from a lame duck went to another address of the same server
//     (TestLameDuckDoesNotMoveToTheSameServer).
//   - A server without TLS got a token in plain text (TestNoDowngrade,
//     TestWebSocketWithoutTheTLSThatIsWanted).
//   - A server got a signature of something that was no nonce
//     (TestAServerThatForgesNoncesIsPassedBy).
//   - All relays that lost a server came back at once (TestLinksThatLoseAServerSpread).
//
// # Where is what
//
//	link.go                          Link, Handler, Config, Status, events
//	supervise.go move.go renew.go    establish and hold; to another server; to the same one again
//	replace.go                       an Endpoint after another, and which sessions still do
//	attempt.go backoff.go outage.go  one round over all servers; who rests how long; what is logged
//	session.go denied.go             a connection as its user sees it; what it was denied
//	plane.go framed.go library.go    how a session reads and writes; the pick
//	suspicion.go                     which silence only looks like the end
//	rights.go permissions.go         what a login may publish to
//	dial.go proxy.go                 nats.go's dialer; SOCKS
//	endpoint.go natscontext.go       settings, and what nats.go gets of them
//	auth.go choria.go nonce.go       who we are; what is signed
//	tlsconf.go certificate.go        who they are; PEM files
//	resume.go                        TLS sessions, and when they must not be resumed
//	credential.go finding.go         what was read; what is wrong with it
//	inspect.go claims.go             what the files are worth; Choria's rights
//	resolve.go srv.go address.go     server lists
//	explain.go advice.go             errors in an operator's words, and what to do
package link
