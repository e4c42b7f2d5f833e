package pipeline

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/fedrelay/fedrelay/wire"
)

// A Ledger keeps the books of one path. The zero value is ready. All methods may be called from
// many goroutines, and none blocks.
//
// Messages: received = rejected + accepted + in parse. Copies: accepted = the sum of all fates + in
// flight. An accepted message has one copy for each target that it names, served or skipped. A
// relay at rest has nothing in parse and nothing in flight.
type Ledger struct {
	received atomic.Int64
	rejected [wire.NumReasons]atomic.Int64
	accepted atomic.Int64 // messages

	copies atomic.Int64 // accepted
	fates  [NumFates][wire.NumReasons]atomic.Int64

	// Not a part of the balance.
	dropped         atomic.Int64
	headersStripped atomic.Int64
	bundles         [4]atomic.Int64 // as the fields of Bundles
}

// Receive counts n messages taken from the source.
func (l *Ledger) Receive(n int) { l.received.Add(int64(n)) }

// Reject counts a message that is not carried at all.
func (l *Ledger) Reject(r wire.Reason) { l.rejected[r].Add(1) }

// Accept counts messages that are accepted, and the copies that they become.
func (l *Ledger) Accept(messages, copies int) {
	l.copies.Add(int64(copies))
	l.accepted.Add(int64(messages))
}

// Settle counts the fate f of n copies. r is the reason if they are Refused or Skipped, else OK.
func (l *Ledger) Settle(f Fate, r wire.Reason, n int) {
	if n != 0 {
		l.fates[f][r].Add(int64(n))
	}
}

// Drop counts n messages that were lost between the server and the source: the NATS library had no
// room, or threw them away with a closed connection. They were never received.
func (l *Ledger) Drop(n int) { l.dropped.Add(int64(n)) }

// StripHeaders counts a message whose NATS headers were not carried on.
func (l *Ledger) StripHeaders() { l.headersStripped.Add(1) }

// Bundle counts a bundle.
func (l *Ledger) Bundle(b Bundles) {
	for i, n := range []int64{b.Bundles, b.Copies, b.MessageBytes, b.Bytes} {
		l.bundles[i].Add(n)
	}
}

// Bundles are the bundles laid out so far.
type Bundles struct {
	Bundles      int64
	Copies       int64 // that left in them
	MessageBytes int64 // of the messages in them, as they were received
	Bytes        int64 // of their payloads
}

// Confirmed returns how many copies are confirmed. It is cheaper than a Snapshot.
func (l *Ledger) Confirmed() int64 { return l.fates[Confirmed][wire.OK].Load() }

// A Snapshot holds the counts of a ledger at one time.
type Snapshot struct {
	Received, Accepted int64 // messages
	Rejected           [wire.NumReasons]int64

	Copies int64 // accepted
	Fates  [NumFates][wire.NumReasons]int64

	Dropped, HeadersStripped int64 // messages
	Bundles                  Bundles
}

// Snapshot reads the ledger. It reads parts before their sums: fates before copies, and messages
// rejected or accepted before messages received. So while messages flow, InFlight and InParse can
// be too high for a moment but never negative.
func (l *Ledger) Snapshot() Snapshot {
	var s Snapshot
	for f := range s.Fates {
		for r := range s.Fates[f] {
			s.Fates[f][r] = l.fates[f][r].Load()
		}
	}
	s.Copies = l.copies.Load()
	for r := range s.Rejected {
		s.Rejected[r] = l.rejected[r].Load()
	}
	s.Accepted = l.accepted.Load()
	s.Received = l.received.Load()
	s.Dropped = l.dropped.Load()
	s.HeadersStripped = l.headersStripped.Load()
	s.Bundles = Bundles{l.bundles[0].Load(), l.bundles[1].Load(), l.bundles[2].Load(), l.bundles[3].Load()}
	return s
}

// RejectedTotal returns how many messages were rejected, for whatever reason.
func (s *Snapshot) RejectedTotal() (n int64) {
	for _, v := range s.Rejected {
		n += v
	}
	return n
}

// Fate returns how many copies met f, for whatever reason.
func (s *Snapshot) Fate(f Fate) (n int64) {
	for _, v := range s.Fates[f] {
		n += v
	}
	return n
}

// InParse returns how many messages are received and neither rejected nor accepted yet.
func (s *Snapshot) InParse() int64 { return s.Received - s.RejectedTotal() - s.Accepted }

// InFlight returns how many copies are accepted and without a fate yet.
func (s *Snapshot) InFlight() int64 {
	n := s.Copies
	for f := range NumFates {
		n -= s.Fate(f)
	}
	return n
}

// Balanced reports whether everything received has met its fate. It is true whenever the path is at
// rest.
func (s *Snapshot) Balanced() bool { return s.InParse() == 0 && s.InFlight() == 0 }

// String returns the books on one line.
func (s *Snapshot) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "received %d = accepted %d + rejected %d", s.Received, s.Accepted, s.RejectedTotal())
	fmt.Fprintf(&b, ", copies %d =", s.Copies)
	for f := range NumFates {
		if f > 0 {
			b.WriteString(" +")
		}
		fmt.Fprintf(&b, " %s %d", f, s.Fate(f))
	}
	fmt.Fprintf(&b, " + in flight %d, ingest_dropped %d", s.InFlight(), s.Dropped)
	return b.String()
}
