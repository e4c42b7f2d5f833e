package wan

import (
	"strings"
	"syscall"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

const (
	encoding = "encode/"   // begins the name of such a scenario
	encode   = "encode_us" // a reply
	bundled  = 256 << 10   // bytes of JSON in a bundle: what one look at a busy socket brings
	encoded  = 300 * time.Millisecond
)

// encodings measures what package compact takes to write replies in bundles, in this process.
func (c *contest) encodings(round int) {
	for _, p := range c.phases {
		if p.request != nil || p.aside || !c.setup.Only(edged) {
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
	bytes := 0
	for _, r := range replies {
		r.parts.FedRequest, r.parts.FedReply = []byte(message.RequestID), []byte(message.ReplyTo(0))
		all = append(all, r.parts)
		bytes += len(wire.AppendMessage(nil, &r.parts))
	}
	size := max(1, bundled*len(all)/bytes)
	var e compact.Encoder
	var dst []byte
	n, began := 0, ownCPU()
	for ownCPU()-began < encoded {
		for from := 0; from < len(all); from += size {
			to := min(from+size, len(all))
			dst = e.AppendReplies(dst[:0], []byte(address), all[from:to])
			n += to - from
		}
	}
	return (ownCPU() - began).Seconds() * 1e6 / float64(n)
}

// ownCPU is the CPU time of this process, which has nothing else to do.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// address is what an edge's return address looks like.
var address = strings.Join([]string{"mcollective.reply.edge", "site", "london", "="}, ".")
