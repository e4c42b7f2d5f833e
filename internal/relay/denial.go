package relay

import (
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A denial is a copy that the server refused by its permissions.
type denial struct {
	subject string // the server's word
	at      time.Time
}

// printable is the subject as it may be shown.
func (d *denial) printable() string { return printable([]byte(d.subject), wire.MaxSubject/4) }

// denied is told the subject of every such copy: there can be 50,000 for one request, so the text is made when it is read.
func (p *path) denied(subject string) {
	p.lastDenied.Store(&denial{subject: subject, at: time.Now()})
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
