package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// An outcome is what a pipeline makes of scripts, as far as that does not depend on chance.
type outcome struct {
	Books  pipeline.Snapshot
	Copies map[string][]copied // by client, in order
}

// carried returns the outcome of a plain reading of the scripts: what a pipeline must do.
func carried(batches [][]*script) outcome {
	o := outcome{Copies: map[string][]copied{}}
	for _, batch := range batches {
		for _, s := range batch {
			o.Books.Received++
			if reason := o.serve(s); reason != wire.OK {
				o.Books.Rejected[reason]++
			}
		}
	}
	return o
}

func (o *outcome) serve(s *script) wire.Reason {
	var served []copied
	for _, target := range s.targets {
		if !strings.HasPrefix(target, skipped) {
			served = append(served, copied{target, s.payload()})
		}
	}
	switch {
	case s.verdict == garbage:
		return wire.Malformed
	case s.verdict == unrouted:
		return wire.NotAllowed
	case s.verdict == unsaid && len(served) > 0:
		return wire.FanoutBytes
	}
	o.Copies[s.client] = append(o.Copies[s.client], served...)
	o.Books.Accepted++
	o.Books.Copies += int64(len(s.targets))
	o.Books.Fates[pipeline.Confirmed][wire.OK] += int64(len(served))
	o.Books.Fates[pipeline.Skipped][wire.Wildcard] += int64(len(s.targets) - len(served))
	return wire.OK
}

// bringScripts makes batches for a source.
func bringScripts(batches [][]*script, more func() bool) (all []bring) {
	for _, batch := range batches {
		b := bring{more: more()}
		for _, s := range batch {
			b.messages = append(b.messages, s.String())
		}
		all = append(all, b)
	}
	return all
}

// outcome returns what r has done. It must have ended.
func (r *rig) outcome(t *testing.T) outcome {
	t.Helper()
	o := outcome{Books: r.check(t), Copies: map[string][]copied{}}
	for _, c := range r.all() {
		client := clientOf([]byte(c.payload))
		o.Copies[client] = append(o.Copies[client], c)
	}
	return o
}

// bySubject returns o with the copies of each client parted by their subjects. With several lanes
// no other order is promised.
func (o outcome) bySubject() outcome {
	parted := outcome{o.Books, map[string][]copied{}}
	for client, copies := range o.Copies {
		for _, c := range copies {
			key := client + " to " + c.subject
			parted.Copies[key] = append(parted.Copies[key], c)
		}
	}
	return parted
}

// diff says where what r has done begins to differ from a plain reading of the scripts; it is empty
// if it does not. r must have ended.
func (r *rig) diff(t *testing.T, batches [][]*script) string {
	t.Helper()
	want, got := carried(batches), r.outcome(t)
	if len(r.publishers) > 1 {
		want, got = want.bySubject(), got.bySubject()
	}
	return diff(want, got)
}

// diff says where got begins to differ from want; it is empty if they are equal.
func diff(want, got outcome) string {
	for client, copies := range want.Copies {
		for i, c := range copies {
			switch g := got.Copies[client]; {
			case i >= len(g):
				return fmt.Sprintf("%s has %d of %d copies", client, len(g), len(copies))
			case g[i] != c:
				return fmt.Sprintf("copy %d of %s is %.60q, want %.60q", i, client, g[i], c)
			}
		}
	}
	if want.Books != got.Books {
		return cmp.Diff(want.Books, got.Books)
	}
	return ""
}
