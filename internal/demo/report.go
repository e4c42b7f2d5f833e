package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/fedrelay/fedrelay/internal/fleet"
)

// Report is the outcome of a demo, and what --json prints. Counts are those of fleet.Totals: of the
// two ends, not of the relays, whose own books are in Relays.
type Report struct {
	Collectives int     `json:"collectives"`
	Nodes       int     `json:"nodes"`
	Seconds     float64 `json:"seconds"` // of asking

	Requests  int64 `json:"requests"`
	Targets   int64 `json:"targets"`
	Delivered int64 `json:"delivered"`
	Replies   int64 `json:"replies"`

	Lost             int64 `json:"lost"`
	Duplicates       int64 `json:"duplicates"` // of both kinds
	DuplicateCopies  int64 `json:"duplicate_copies"`
	DuplicateReplies int64 `json:"duplicate_replies"`
	Misdelivered     int64 `json:"misdelivered"`
	Foreign          int64 `json:"foreign"`
	Corrupt          int64 `json:"corrupt"`
	Unaccounted      int64 `json:"unaccounted"` // of all relays, after they have drained

	RepliesPerSecond float64 `json:"replies_per_second"`
	P50              float64 `json:"p50_ms"` // from the publishing of a request to a reply of it
	P99              float64 `json:"p99_ms"`
	Max              float64 `json:"max_ms"`
	FirstReply       float64 `json:"first_reply_ms"` // from the start of the program; 0 without any

	Relays []Books `json:"relays"`
}

// Clean reports whether every node got every request once, and the client every reply once, and the
// relays know it.
func (r Report) Clean() bool {
	return r.Lost == 0 && r.Duplicates == 0 && r.Misdelivered == 0 && r.Foreign == 0 && r.Corrupt == 0 &&
		r.Unaccounted == 0
}

// report reads all books. Call it after drain.
func (s *scene) report(started time.Time, a asking) Report {
	t, latency := s.ledger.Totals(), s.client.Latency()
	r := Report{
		Collectives: len(s.servers), Nodes: s.roster.Len(), Seconds: a.ended.Sub(a.began).Seconds(),
		P50: ms(latency.ValueAtQuantile(50)), P99: ms(latency.ValueAtQuantile(99)), Max: ms(latency.Max()),
	}
	r.count(t)
	if !a.firstReply.IsZero() {
		r.RepliesPerSecond = float64(t.Replies) / r.Seconds
		r.FirstReply = ms(a.firstReply.Sub(started).Microseconds())
	}
	for _, relay := range s.relays {
		books := relay.State().Books
		r.Relays = append(r.Relays, books)
		r.Unaccounted += books.Unaccounted
	}
	return r
}

func (r *Report) count(t fleet.Totals) {
	r.Requests, r.Targets, r.Delivered, r.Replies = t.Requests, t.Targets, t.Delivered, t.Replies
	r.Lost, r.Duplicates = t.Lost, t.Duplicates()
	r.DuplicateCopies, r.DuplicateReplies = t.DuplicateCopies, t.DuplicateReplies
	r.Misdelivered, r.Foreign, r.Corrupt = t.Misdelivered, t.Foreign, t.Corrupt
}

// ms turns microseconds into milliseconds.
func ms(micros int64) float64 { return float64(micros) / 1000 }

func (r Report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func (r Report) writeText(w io.Writer) {
	comma := humanize.Comma
	fmt.Fprintf(w, "\n%s nodes in %d collectives, asked %s times in %.1f s:\n\n",
		comma(int64(r.Nodes)), r.Collectives, comma(r.Requests), r.Seconds)
	fmt.Fprintf(w, "  targets %s = delivered %s + missing %s\n",
		comma(r.Targets), comma(r.Delivered), comma(r.Targets-r.Delivered))
	fmt.Fprintf(w, "  replies %s, %s a second; p50 %.1f ms, p99 %.1f ms\n",
		comma(r.Replies), comma(int64(r.RepliesPerSecond)), r.P50, r.P99)
	fmt.Fprintf(w, "  the first reply came %.0f ms after the start of this program\n", r.FirstReply)
	fmt.Fprintf(w, "  lost %d, duplicates %d, misdelivered %d, unaccounted %d\n",
		r.Lost, r.Duplicates, r.Misdelivered, r.Unaccounted)
	if r.Foreign+r.Corrupt > 0 {
		fmt.Fprintf(w, "  foreign replies %d, corrupt replies %d\n", r.Foreign, r.Corrupt)
	}
	for _, b := range r.Relays {
		fmt.Fprintf(w, "  relay %s: %s requests, %s copies, %s replies; %d rejected\n",
			b.Cluster, comma(b.Requests), comma(b.Copies), comma(b.Replies), b.Rejected)
	}
	if len(r.Relays) > 1 {
		fmt.Fprint(w, "  The names are spread over several requests, and those go to all clusters.\n"+
			"  No relay knows which nodes are its own: copies for others find nobody.\n")
	}
}
