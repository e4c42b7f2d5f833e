package natsio

import (
	"cmp"
	"net"
	"sort"
	"sync"

	"github.com/fedrelay/fedrelay/internal/socket"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

const (
	// shareFrom is the size in bytes from which on a payload is not copied for each of its copies:
	// the kernel gathers it from one place. It costs less to copy a smaller one behind each line
	// (docs/adr/0009).
	shareFrom = 8 << 10
	// headRoom is more bytes than the line before a payload can have: nats-server limits a control
	// line to 4 kB.
	headRoom = 4 << 10
)

// A gather is what one write consists of: frames that are in the egress already, and frames that
// are laid out here.
type gather struct {
	laid   []byte      // lines, and payloads too small to share; not moved while in vec
	from   int         // where the part of laid begins that is not in vec yet
	vec    net.Buffers // the pieces to write, in order
	rest   net.Buffers // the part of vec that the write has not consumed yet
	begins []int       // the offset in bytes at which each copy begins; all of a bundle have one
	bytes  int         // of all pieces
	share  int         // payloads from this size on are shared
}

// spareGathers holds gathers that are not writing. A publisher borrows one for each write, because
// a gather holds much memory, and most of many lanes are at rest.
var spareGathers = sync.Pool{New: func() any { return new(gather) }}

// borrowGather returns an empty gather the caller must giveBack.
func borrowGather() *gather {
	g := spareGathers.Get().(*gather)
	g.reset()
	return g
}

// giveBack ends the use of g. It keeps no pointers to what was written.
func (g *gather) giveBack() {
	g.reset()
	spareGathers.Put(g)
}

func (g *gather) reset() {
	if g.laid == nil {
		g.share = cmp.Or(g.share, shareFrom)
		g.laid = make([]byte, 0, socket.WriteSize+g.share+2*headRoom)
	}
	clear(g.vec)
	g.laid, g.from, g.vec, g.rest, g.begins, g.bytes = g.laid[:0], 0, g.vec[:0], nil, g.begins[:0], 0
}

// add adds copies of e from next on, until there is enough for a write. It stops with errTooLarge
// at a payload of more than maxPayload bytes, and with errBadSubject at a subject that is not one
// word.
func (g *gather) add(e *pipeline.Egress, next cursor, maxPayload int) error {
	defer g.close()
	for !next.end(e) && g.bytes < socket.WriteSize {
		m := e.Messages[next.message]
		if m.Size() > maxPayload {
			return errTooLarge
		}
		if m.HasFrame() {
			g.addFrame(e, m)
			next.advance(e, m.Copies())
			continue
		}
		if err := g.addCopies(e, m, &next); err != nil {
			return err
		}
	}
	return nil
}

// addFrame adds the frame of m, a message of e.
func (g *gather) addFrame(e *pipeline.Egress, m pipeline.OutgoingMessage) {
	front, leftOut, back := e.Frame(m)
	for range m.Copies() - 1 {
		g.begins = append(g.begins, g.bytes)
	}
	g.begin(len(front) + len(leftOut) + len(back))
	g.close()
	g.addPiece(front)
	if !m.Whole() {
		g.addPiece(leftOut)
		g.addPiece(back)
	}
}

// addPiece adds a piece of the egress. One that lies directly behind the last piece in memory
// extends it.
func (g *gather) addPiece(piece []byte) {
	if n := len(g.vec); n > 0 {
		last := g.vec[n-1]
		if k := len(last); cap(last) >= k+len(piece) && &last[:k+1][k] == &piece[0] {
			g.vec[n-1] = last[:k+len(piece)]
			return
		}
	}
	g.vec = append(g.vec, piece)
}

// addCopies lays out frames for copies of m, as many as fit, and moves next behind them.
func (g *gather) addCopies(e *pipeline.Egress, m pipeline.OutgoingMessage, next *cursor) error {
	tail, n := e.FrameTail(m), 0
	for next.copy+n < m.Copies() && g.hasRoom() {
		subject := e.Subject(m, next.copy+n)
		if !wire.OneWord(subject) {
			return errBadSubject
		}
		g.begin(wire.PubStartLen(len(subject)) + len(tail))
		g.laid = wire.AppendPubStart(g.laid, subject)
		if len(tail) < g.share {
			g.laid = append(g.laid, tail...)
		} else {
			g.close()
			g.vec = append(g.vec, tail)
		}
		n++
	}
	if n == 0 {
		g.bytes = socket.WriteSize
	}
	next.advance(e, n)
	return nil
}

// hasRoom reports whether another copy may be laid out in this write.
func (g *gather) hasRoom() bool {
	return g.bytes < socket.WriteSize && cap(g.laid)-len(g.laid) >= headRoom+g.share
}

// begin enters where a copy of n bytes begins.
func (g *gather) begin(n int) {
	g.begins = append(g.begins, g.bytes)
	g.bytes += n
}

// close adds the frames that have been laid out since the last piece to vec.
func (g *gather) close() {
	if g.from < len(g.laid) {
		g.vec = append(g.vec, g.laid[g.from:])
		g.from = len(g.laid)
	}
}

// copies returns how many copies have a part in the first n bytes.
func (g *gather) copies(n int) int { return sort.SearchInts(g.begins, n) }
