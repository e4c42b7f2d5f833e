// Package socket is one connection to a NATS server, below nats.go: bytes, frames and PINGs.
//
// nats.go reads and writes through a [Conn]. nats.go alone lacks four things, which a Conn adds. It
// counts denials exactly, before nats.go sees the PONG that follows them. When the connection ends,
// it leaves time to consume the messages that nats.go has queued and would throw away. It ends the
// connection at the first failed write, where nats.go drops the bytes and carries on. It limits
// what a server can make us allocate: nats.go believes any size in a MSG line, and panics.
//
// A [Framed] is a Conn whose frames are read and written beside nats.go. The messages of a
// [Receiver] never reach nats.go. The goroutine that reads makes batches of them, without copying
// them out of the read buffer, and carries those batches through the path. WriteFrames writes whole
// frames.
//
// The package does not import nats.go and does not log in. Package link decides who connects where,
// package natsio what is carried.
//
// # The way of a byte
//
// In: everything happens in the goroutine that calls Read. Conn.Read calls input.split for the
// bytes that the buffer holds already. When they are used up it calls input.fill, which hands the
// batch over and reads the network. Over TLS that brings all records that have come, which wait in
// the arrivals below TLS. split looks at each frame once:
//
//	MSG, HMSG with a sid of ours      a message of the batch, in place
//	PONG                              the batch is handed over; then it is ours or nats.go's, by order
//	-ERR                              nats.go gets what came before; the batch is handed over; then
//	                                  nats.go gets the line, before what is behind it is looked at
//	INFO                              learnt, and changed where nats.go would misread it
//	all else                          for nats.go, straight into what it reads into
//
// Out: Conn.Write or a method of Framed takes Conn.writing, enters PINGs and bytes, and writes
// whole frames with Conn.write or Framed.writev. Over TLS, pieces are put together to full records,
// and a recordConn below TLS makes one write of many records. At the bottom a writer puts it on the
// socket: for nats.go once, for a Framed with patience. Package rawio makes the system calls.
//
// # PINGs
//
// PINGs of nats.go and ours share a connection, and a PONG does not say which PING it answers. So
// pings keeps all PINGs under way in order, and a PONG belongs to the oldest. The keep-alive of
// nats.go is off on a Framed, because nats.go cannot know when reading is paused on purpose.
// KeepAlive takes its place. It judges by answers, by what else arrives, and by the bytes that the
// other end acknowledges. A Listener looks at the same signs more often, and package link derives
// suspicions from them.
//
// # Who owns what
//
// The Receiver lends buffers, or idleBuffers if there is no Receiver. The input owns its buffer
// until handOver gives it away with the batch. The arrivals, over TLS, own a buffer of idleBuffers,
// 4 KiB or 64 KiB while much comes. Release gives back what Read still holds when the connection
// has ended. A recordConn borrows memory for the length of one write.
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
//   - nats.go saw an -ERR late, because the read that brought it waited for messages behind it
//     (TestAnErrorIsNotHeldUpByWhatIsBehindIt).
//   - The text PING inside a payload of nats.go was counted as a PING: note now skips payloads
//     (TestPongsAreToldApartByOrder).
//   - A payload longer than its line says made nats.go read sizes that nobody had checked
//     (TestHostileStreamsEndTheConnection).
//   - The reason that a server gave was lost when a write failed first
//     (TestWhatTheServerSaidBeforeABrokenPipe).
//   - A deadline that cut off a write broke the tls.Conn for good (TestASlowServerIsNotDeadOverTLS
//     of package natsio).
//   - TLS made 2,020 records of 1000 copies, and a system call for each record
//     (TestAWriteOverTLSIsOneCall there).
//   - Over TLS a read brought one record of 511 bytes, and each was a batch of its own
//     (TestSmallRecordsMakeFewBatches).
//   - A line before a payload was a record of its own (TestSmallPiecesShareRecords).
//   - A large frame waited for ever for memory that its own buffer held
//     (TestALargeFrameThatHasBegunIsReadToItsEnd there).
//
// # Where is what
//
//	conn.go             Conn: what nats.go reads and writes; its end
//	dial.go greet.go    TCP; the greeting and TLS; errors.go: what may go wrong
//	input.go split.go   what comes: buffers and batches; one frame after the other
//	protocol.go info.go message lines taken apart; INFO
//	framed.go           Framed: frames beside nats.go
//	write.go            writing, and its patience
//	secure.go           reading and writing above TLS: many records at once
//	arrivals.go records.go    below TLS: records that have come; records gathered for a write
//	pings.go pace.go    PINGs under way; how fast they are answered
//	keepalive.go        which silence is the end
//	listener.go         what shows that a server is there
//	clock.go            points in time; how long reading has paused
//	kernel.go kernel_linux.go    what is on its way, as far as the kernel knows
package socket
