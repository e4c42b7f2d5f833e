package compact

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

// A timedTask is something that takes time.
type timedTask struct {
	name string
	of   int // how many messages it is for
	do   func()
	best float64 // microseconds a message
}

func timedTasks(t *testing.T) (all []*timedTask) {
	add := func(of int, do func(), format string, args ...any) {
		all = append(all, &timedTask{fmt.Sprintf(format, args...), of, do, math.Inf(1)})
	}
	for _, c := range []struct {
		name string
		o    corpus.Options
		n    int
	}{
		{"v1", corpus.Options{Version: wire.V1}, 107}, {"v1, ping", corpus.Options{Version: wire.V1, Ping: true}, 270},
		{"v2", corpus.Options{Version: wire.V2}, 67}, {"v2, own tokens", corpus.Options{Version: wire.V2, OwnTokens: true}, 67},
		{"v1", corpus.Options{Version: wire.V1}, 1},
	} {
		messages := replies(c.n, c.o)
		ps, text := allParts(t, messages)
		write, read := taskPair(func(e *Encoder, m []byte) []byte { return e.AppendReplies(m, []byte("c.="), ps) })
		add(c.n, write, "%s of %d bytes, %d in a bundle: write", c.name, len(text)/c.n, c.n)
		add(c.n, read, "%s of %d bytes, %d in a bundle: read", c.name, len(text)/c.n, c.n)
	}
	for _, kind := range corpus.Kinds() {
		r, _ := joined(t, corpus.Request(corpus.Names(kind, 10_000, 1), wire.V1, 3000, 1))
		write, read := taskPair(func(e *Encoder, m []byte) []byte { return e.AppendRequest(m, &r) })
		add(1, write, "request, 10,000 targets, %s: write", kind)
		add(1, read, "request, 10,000 targets, %s: read", kind)
		add(1, jsonTask(t, &r), "the same targets, encoding/json: read")
	}
	return all
}

// taskPair returns one that writes, and one that reads what the other has written.
func taskPair(append func(e *Encoder, m []byte) []byte) (write, read func()) {
	var e Encoder
	var d Decoder
	var text []byte
	var places []wire.Span
	m := append(&e, nil)
	write = func() { m = append(&e, m[:0]) }
	read = func() {
		d.Open(m, generous)
		text, places = d.Append(text[:0], places[:0])
	}
	return write, read
}

func jsonTask(t *testing.T, r *Request) func() {
	var names []string
	for _, s := range r.Parts.Targets {
		names = append(names, string(s.Of(r.Parts.Text)))
	}
	list, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		var names []string
		if err := json.Unmarshal(list, &names); err != nil {
			t.Fatal(err)
		}
	}
}
