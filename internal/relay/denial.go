package relay

import (
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A denial is a copy that the server refused by its permissions.
type denial struct {
	subject string // printable, clipped
	at      time.Time
}

// denied is told the subject of every such copy. The subject is the server's word.
func (p *path) denied(subject string) {
	p.lastDenied.Store(&denial{subject: printable([]byte(subject), wire.MaxSubject/4), at: time.Now()})
	p.notes.denied(subject)
}

// failed is told of copies that were not published, or refused, or never answered for.
func (p *path) failed(f pipeline.Fate, r wire.Reason, copies int) {
	if f != pipeline.Denied {
		p.notes.failed(f, r, copies)
	}
	if bad(f, r) && p.streak.add(f, copies, p.ledger.Confirmed()) {
		p.wake()
	}
}
