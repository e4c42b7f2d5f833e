// Package rawio reads and writes a TCP connection with raw system calls, which cost less.
//
// Around each system call of package net, Go's scheduler notes that the goroutine may block. When
// the call lasts, as one that copies a quarter of a megabyte does, a thread of the runtime comes
// and gives the processor to another goroutine. A socket of package net never blocks, though, so
// that costs context switches and gains nothing. A [Conn] makes the same calls without the note. It
// still waits in Go's poller while there is nothing to read or no room to write.
//
// It behaves as the net.TCPConn below it: deadlines, closing, errors and partial writes. It is
// faster on Linux only. Elsewhere, for connections that are not a *net.TCPConn, and with the build
// tag norawio, it calls the methods of the connection.
//
// With the race detector the calls are those of package syscall, because the detector must see
// them.
//
// # Who may call what
//
// One goroutine at a time may Read. One at a time may Write or Writev; the caller takes care of
// that. Closing and deadlines are for any goroutine, as ever.
//
// # Where is what
//
//	conn.go          Conn: Read, Write and Writev, and their errors
//	half.go          one direction of a connection: what a call has to do, and has done
//	vector.go        pieces of memory as the kernel wants them
//	call.go          the system calls
//	call_race.go     the same for the race detector
//	plain.go         platforms without
package rawio
