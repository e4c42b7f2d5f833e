package socket

import (
	"encoding/binary"
	"net"

	"github.com/fedrelay/fedrelay/pool"
)

const (
	// recordHeader is how many bytes a TLS record has before its content. The last two are the size
	// of the content.
	recordHeader = 5
	// pingRecord is more bytes than a record with a PING or a PONG has, in the ciphers of today.
	pingRecord = 40
)

// arrivals are the TLS records that have come from the socket, and that TLS has not taken. A server
// sends small records, so a system call that is made for each of them costs more than decrypting.
// TLS gets no byte behind the record that it asks for. So arrivals always know whether the next
// record is complete.
type arrivals struct {
	conn net.Conn    // the socket
	came func(n int) // is called when n bytes have come from the socket

	// Owned by Read.
	buf       *pool.Buffer // nil before the first Read, and after release
	taken     int          // bytes of buf that TLS has taken
	left      int          // bytes of the record that TLS is taking, without those taken
	wholeOnly bool         // Read begins no record that is not complete; it fails instead
}

// errNotWhole is returned by Read instead of waiting. TLS goes on reading after an error that is
// temporary.
var errNotWhole net.Error = notWhole{}

type notWhole struct{}

func (notWhole) Error() string   { return "socket: no complete TLS record has come" }
func (notWhole) Timeout() bool   { return true }
func (notWhole) Temporary() bool { return true }

// Read is for TLS. It blocks until there are bytes of a record.
func (a *arrivals) Read(p []byte) (int, error) {
	if a.wholeOnly && a.left == 0 && !a.whole() {
		return 0, errNotWhole
	}
	for rest := a.rest(); len(rest) == 0 || a.left == 0 && len(rest) < recordHeader; rest = a.rest() {
		if err := a.more(); err != nil {
			return 0, err
		}
	}
	if a.left == 0 {
		a.left = recordSize(a.rest())
	}
	n := copy(p[:min(len(p), a.left)], a.rest())
	a.taken += n
	a.left -= n
	return n, nil
}

// whole reports whether TLS is between two records and the next one is complete.
func (a *arrivals) whole() bool {
	rest := a.rest()
	return a.left == 0 && len(rest) >= recordHeader && len(rest) >= recordSize(rest)
}

// recordSize returns how many bytes the record at the beginning of b has. Its header is complete.
func recordSize(b []byte) int {
	return recordHeader + int(binary.BigEndian.Uint16(b[recordHeader-2:]))
}

func (a *arrivals) rest() []byte {
	if a.buf == nil {
		return nil
	}
	return a.buf.B[a.taken:]
}

// more reads from the socket. The rest is part of a header at most. The buffer is large while a
// read brings much, and small else.
func (a *arrivals) more() error {
	size := idleRead
	if a.buf != nil && len(a.buf.B) >= idleRead {
		size = usualRead
	}
	if a.buf == nil || cap(a.buf.B) != size {
		next := idleBuffers.Get(size)
		next.B = append(next.B, a.rest()...)
		a.release()
		a.buf = next
	} else {
		a.buf.B = a.buf.B[:copy(a.buf.B, a.rest())]
		a.taken = 0
	}
	end := len(a.buf.B)
	n, err := a.conn.Read(a.buf.B[end:cap(a.buf.B)])
	a.buf.B = a.buf.B[:end+n]
	if n == 0 {
		return err
	}
	a.came(n)
	return nil // an error that comes with bytes comes again
}

// release gives back the memory.
func (a *arrivals) release() {
	if a.buf != nil {
		a.buf.Release()
		a.buf, a.taken = nil, 0
	}
}
