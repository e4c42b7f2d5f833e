package report

import (
	"fmt"

	"github.com/fedrelay/fedrelay/internal/record"
)

// differences says where the books of a run do not agree with themselves, or with those of the
// relay.
func differences(run *record.Run) []string {
	d := discrepancies{}
	t := &run.Totals
	d.equal("targets", t.Targets, "replies + lost + silent", t.Replies+t.Lost+t.Silent)
	counted := count(run)
	d.equal("requests", t.Requests, "requests recorded", counted.Requests)
	d.equal("targets", t.Targets, "targets recorded", counted.Targets)
	d.equal("replies", t.Replies, "replies recorded", counted.Replies)
	d.equal("duplicates", t.Duplicates, "duplicates recorded", counted.Duplicates)
	d.equal("misdelivered", t.Misdelivered, "misdelivered recorded", counted.Misdelivered)
	d.equal("late", t.Late, "late replies recorded", counted.Late)
	if run.Meta.InProcess {
		d.equal("delivered", t.Delivered, "copies recorded", counted.Delivered)
	}
	for _, l := range run.Relay {
		d.relay(run, l)
	}
	return d
}

// count makes totals from the requests, to compare them with those of the run.
func count(run *record.Run) (t record.Totals) {
	t.Requests = int64(len(run.Requests))
	for i := range run.Requests {
		r := &run.Requests[i]
		t.Targets += int64(targets(run, r))
		t.Delivered += arrived(r.Copies)
		t.Replies += arrived(r.Replies)
		t.Duplicates += int64(r.Duplicates)
		t.Misdelivered += int64(r.Misdelivered)
		t.Late += int64(r.Late)
	}
	return t
}

func targets(run *record.Run, r *record.Request) int {
	if r.Targets == nil {
		return len(run.Nodes)
	}
	return len(r.Targets)
}

func arrived(column []uint32) (n int64) {
	for _, v := range column {
		if v != 0 {
			n++
		}
	}
	return n
}

type discrepancies []string

func (d *discrepancies) equal(what string, a int64, other string, b int64) {
	if a != b {
		*d = append(*d, fmt.Sprintf("%s: %d, but %s: %d", what, a, other, b))
	}
}

// relay compares what the relay says of a path with what client and nodes saw. Messages that
// arrived too late were carried, too. Of those that arrived twice it is unknown whether the relay
// or a server doubled them. So the number of the relay may lie in between.
func (d *discrepancies) relay(run *record.Run, l record.Ledger) {
	t := &run.Totals
	d.equal("relay, "+l.Path+" path: unaccounted", l.Unaccounted, "should be", 0)
	broadcast := run.Meta.Settings["broadcast"] == "true" // one copy for all nodes
	switch {
	case l.Path == "request" && run.Meta.InProcess && !broadcast:
		d.between("relay: copies confirmed", l.Confirmed, "copies seen by nodes", t.Delivered, t.Duplicates+t.Misdelivered)
	case l.Path == "reply":
		d.between("relay: replies confirmed", l.Confirmed, "replies seen by the client", t.Replies,
			t.Late+t.Duplicates+t.Misdelivered)
	}
}

func (d *discrepancies) between(what string, n int64, seen string, least, more int64) {
	if n >= least && n <= least+more {
		return
	}
	text := fmt.Sprintf("%s: %d, but %s: %d", what, n, seen, least)
	if more > 0 {
		text += fmt.Sprintf(" and %d odd ones", more)
	}
	*d = append(*d, text)
}
