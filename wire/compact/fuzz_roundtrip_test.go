package compact

import (
	"bytes"
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

// seeds are messages of all kinds.
func seeds() (all [][]byte) {
	for _, v := range []wire.Version{wire.V1, wire.V2} {
		all = append(all, replies(2, corpus.Options{Version: v})...)
		all = append(all, replies(2, corpus.Options{Version: v, Ping: true, OwnTokens: true})...)
		all = append(all, corpus.Request(corpus.Names(corpus.IP, 3, 1), v, 900, 1)...)
	}
	for _, data := range []string{
		`"eyJhIjoiYiJ9"`, `""`, `"x"`, `"eyJwcm90b2NvbCI6ImNob3JpYTpzZWN1cmU6cmVwbHk6MSIsIm1lc3NhZ2Ui\nOiJ7XCJwcm90b2NvbFwiOn0ifQ==\n"`,
		`"eyJh\\nIjoiYiJ9"`, `"eyJhIjoiYiJ9="`, `"\u0065yJhIjoiYiJ9"`,
	} {
		all = append(all, []byte(`{"protocol":"choria:transport:1","data":`+data+`,"headers":{"mc_sender":"a1","federation":{"target":["a.1","a.02","b"]}}}`))
	}
	return all
}

// FuzzRoundTrip writes messages that Scan accepts, and wants them back as AppendMessage spells
// them.
func FuzzRoundTrip(f *testing.F) {
	all := seeds()
	for i, m := range all {
		f.Add(m, all[(i+1)%len(all)], i)
	}
	var e Encoder
	var d Decoder
	f.Fuzz(func(t *testing.T, a, b []byte, group int) {
		p, okA := partsOf(a)
		q, okB := partsOf(b)
		if !okA || !okB {
			return
		}
		ps := []wire.Parts{p, q, p, q, q}
		var want []byte
		for i := range ps {
			want = wire.AppendMessage(want, &ps[i])
		}
		m := e.AppendReplies([]byte("x"), a[:len(a)/2], ps)[1:]
		c := mustOpen(t, &d, m, want, len(ps))
		if !bytes.Equal(c.Address, a[:len(a)/2]) {
			t.Fatalf("address %q", c.Address)
		}
		text, places := d.Append(nil, nil)
		for i, place := range places {
			again, ok := partsOf(place.Of(text))
			if !ok || !bytes.Equal(wire.AppendMessage(nil, &again), wire.AppendMessage(nil, &ps[i])) {
				t.Fatalf("%s is no longer %s", place.Of(text), wire.AppendMessage(nil, &ps[i]))
			}
		}
		roundTripRequest(t, &e, &d, &p, group)
	})
}

func roundTripRequest(t *testing.T, e *Encoder, d *Decoder, p *wire.Parts, group int) {
	t.Helper()
	n := len(p.Targets)
	at := max(0, min(group, n))
	r := Request{Parts: *p, Groups: []int{at, at, n}, Hops: 3, Deadline: int64(group)}
	var want []byte
	for _, g := range [][]wire.Span{p.Targets[:at], nil, p.Targets[at:]} {
		part := *p
		part.Targets = g
		want = wire.AppendMessage(want, &part)
	}
	m := e.AppendRequest(nil, &r)
	if c := mustOpen(t, d, m, want, 3); c.Hops != 3 || c.Deadline != int64(group) || c.Kind != KindRequest {
		t.Fatalf("%+v", c)
	}
	r.Groups = nil
	m = e.AppendRequest(m[:0], &r)
	mustOpen(t, d, m, wire.AppendMessage(nil, p), 1)
}
