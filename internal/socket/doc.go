// Package socket is one connection to a NATS server, below nats.go: bytes, frames and PINGs.
//
// nats.go reads and writes through a [Conn]. A Conn is there for what cannot be had otherwise: an
// exact count of denials before the PONG that follows them, time to consume what nats.go has
// queued before it throws that away, an end to the connection at the first failed write (nats.go
// drops the bytes and carries on), and limits on what a server may make us allocate (nats.go
// believes any size in a MSG line, and panics).
//
// A [Framed] is a Conn whose frames are read and written beside nats.go. The messages of a
// [Receiver] never reach nats.go: they are taken out of the stream as batches, where they lie, and
// carried by the goroutine that reads. WriteFrames writes whole frames.
//
// The package imports neither nats.go nor what logs in. Who connects where is package link's
// business, what is carried that of package natsio.
//
// # The way of a byte
//
// In, all in the goroutine that calls Read: Conn.Read, input.split for what is in the buffer
// already, else input.fill, which hands the batch over and reads the network. split looks at each
// frame once:
//
//	MSG, HMSG with a sid of ours      a message of the batch, in place
//	PONG                              the batch is handed over; then it is ours or nats.go's, by order
//	-ERR                              nats.go gets what came before; the batch is handed over; then
//	                                  nats.go gets the line, before what is behind it is looked at
//	INFO                              learnt, and changed where nats.go would misread it
//	all else                          for nats.go, straight into what it reads into
//
// Out: Conn.Write or a method of Framed takes Conn.writing, enters PINGs and bytes, and writes
// whole frames with Conn.write or Framed.writev. Below TLS a recordConn makes one write of many
// records. At the bottom a writer puts it on the socket: for nats.go once, for a Framed with
// patience.
//
// # PINGs
//
// nats.go's and ours share a connection, and PONGs do not say whose they are. They are told apart
// by order: pings has all that are under way. nats.go's keep-alive is off on a Framed, because it
// cannot know when reading is paused on purpose. KeepAlive takes its place, and goes by what
// answers, what arrives and what the kernel gets rid of. A Listener sees the same things sooner;
// package link makes suspicions of them.
//
// # Who owns what
//
// A buffer is lent by the Receiver, or by idleBuffers without one, and owned by the input until
// handOver gives it away with the batch. What Read has not handed out when the connection ends is
// given back by Release.
//
// # Locks
//
// Each is taken after those above it:
//
//	Conn.reading     held by Read, also while a Receiver blocks; writing only tries to take it
//	Conn.writing     held while whole frames are written
//	linger.running   held while the linger function runs
//	recordConn.mu    held while the socket is written to, over TLS
//	pings.mu, linger.mu, Conn.mu    held for a few instructions
//
// # Once broke
//
//   - An -ERR waited in a read that was held up by the messages behind it
//     (TestAnErrorIsNotHeldUpByWhatIsBehindIt).
//   - A PING of nats.go inside a payload is none: note skips payloads
//     (TestPongsAreToldApartByOrder).
//   - A payload that does not end where its line says would let nats.go see sizes that nobody has
//     checked (TestHostileStreamsEndTheConnection).
//   - The reason that a server gives is lost if a write fails first
//     (TestWhatTheServerSaidBeforeABrokenPipe).
//   - A tls.Conn does not survive a write that was cut off by a deadline
//     (TestASlowServerIsNotDeadOverTLS of package natsio).
//   - TLS made 2,020 records of 1000 copies, each with a system call (TestAWriteOverTLSIsOneCall
//     there).
//   - A large frame that waits for memory that only its own buffer could free waits for ever
//     (TestALargeFrameThatHasBegunIsReadToItsEnd there).
//
// # Where is what
//
//	conn.go             Conn: what nats.go reads and writes; its end
//	dial.go greet.go    TCP; the greeting and TLS; errors.go: what may go wrong
//	input.go split.go   what comes: buffers and batches; one frame after the other
//	protocol.go info.go message lines taken apart; INFO
//	framed.go           Framed: frames beside nats.go
//	write.go records.go writing, and its patience; the same below TLS
//	pings.go pace.go    PINGs under way; how fast they are answered
//	keepalive.go        which silence is the end
//	listener.go         what shows that a server is there
//	clock.go            points in time; how long reading has paused
//	kernel.go kernel_linux.go    what is on its way, as far as the kernel knows
package socket
