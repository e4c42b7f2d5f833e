package wan

import (
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

const (
	encoding = "encode/"   // begins the name of such a scenario
	encode   = "encode_us" // a reply
	bundled  = 200         // replies in a bundle: about what one look at a busy socket brings
	encoded  = 300 * time.Millisecond
)

// encodings measures what package compact takes to write replies in bundles, in this process.
func (c *contest) encodings(round int) {
	for _, p := range c.phases {
		if p.request != nil || !c.setup.Only(edged) {
			continue
		}
		c.tell("writing bundles of " + p.name)
		c.note(record.Scenario{Name: encoding + p.name, Title: "writing bundles of " + p.title}, record.Trial{
			Contestant: edged, Round: round,
			Outcome: record.Outcome{Figures: map[string]float64{encode: encodingTime(p.replies)}},
		})
	}
}

// encodingTime is in microseconds a reply.
func encodingTime(replies []reply) float64 {
	var all []wire.Parts
	for _, r := range replies {
		r.parts.FedRequest, r.parts.FedReply = []byte(message.RequestID), []byte(message.ReplyTo(0))
		all = append(all, r.parts)
	}
	var e compact.Encoder
	var dst []byte
	n, began := 0, time.Now()
	for time.Since(began) < encoded {
		for from := 0; from < len(all); from += bundled {
			to := min(from+bundled, len(all))
			dst = e.AppendReplies(dst[:0], []byte(address), all[from:to])
			n += to - from
		}
	}
	return time.Since(began).Seconds() * 1e6 / float64(n)
}

// address is what an edge's return address looks like.
var address = strings.Join([]string{"mcollective.reply.edge", "site", "london", "="}, ".")
