package compact

import (
	"bytes"
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

var (
	generous = Limits{Bytes: 64 << 20, Messages: 1 << 16, Targets: 1 << 16}
	scanAll  = wire.Limits{Depth: 64, Hops: 64, Targets: 1 << 16}
)

// parts returns the parts of a message, and what AppendMessage makes of them.
func parts(t testing.TB, m []byte) (wire.Parts, []byte) {
	t.Helper()
	p, ok := partsOf(m)
	if !ok {
		t.Fatalf("not a message: %s", m)
	}
	return p, wire.AppendMessage(nil, &p)
}

func partsOf(m []byte) (p wire.Parts, ok bool) {
	var env wire.Envelope
	targets, reason := wire.Scan(m, scanAll, &env, nil)
	if reason != wire.OK {
		return p, false
	}
	return wire.Parts{
		Version: env.Version, Data: env.Data.Of(m), Reply: env.Reply.Of(m), Sender: env.Sender.Of(m), Trace: env.Trace.Of(m),
		FedRequest: env.FedRequest.Of(m), FedReply: env.FedReply.Of(m), Text: m, Targets: targets,
	}, true
}

// allParts returns the parts of messages, and what AppendMessage makes of all of them.
func allParts(t testing.TB, messages [][]byte) (all []wire.Parts, text []byte) {
	t.Helper()
	for _, m := range messages {
		p, canonical := parts(t, m)
		all, text = append(all, p), append(text, canonical...)
	}
	return all, text
}

// joined returns the messages of a request as one.
func joined(t testing.TB, messages [][]byte) (r Request, text []byte) {
	t.Helper()
	for i, m := range messages {
		p, canonical := parts(t, m)
		text = append(text, canonical...)
		if i == 0 {
			r.Parts = p
			r.Parts.Text, r.Parts.Targets = nil, nil
		}
		for _, target := range p.Targets {
			from := len(r.Parts.Text)
			r.Parts.Text = append(r.Parts.Text, target.Of(m)...)
			r.Parts.Targets = append(r.Parts.Targets, wire.Span{Off: uint32(from), Len: target.Len})
		}
		r.Groups = append(r.Groups, len(r.Parts.Targets))
	}
	return r, text
}

func mustOpen(t testing.TB, d *Decoder, m []byte, want []byte, messages int) Contents {
	t.Helper()
	c, reason := d.Open(m, generous)
	if reason != wire.OK {
		t.Fatalf("Open: %s", reason)
	}
	got, places := d.Append(nil, nil)
	if c.Messages != messages || len(places) != messages || c.Bytes != len(got) {
		t.Fatalf("%d messages at %d places, not %d; %d bytes, not %d", c.Messages, len(places), messages, len(got), c.Bytes)
	}
	if !bytes.Equal(got, want) {
		i := equalLen(got, want)
		t.Fatalf("differs at %d of %d: got %.200q, want %.200q", i, len(want), got[max(0, i-20):], want[max(0, i-20):])
	}
	return c
}

func replies(n int, o corpus.Options) [][]byte {
	return corpus.Replies(corpus.Names(corpus.Sequential, n, 1), o)
}
