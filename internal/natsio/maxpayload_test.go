package natsio

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A server that says -1 takes everything. nats.go would write nothing to it.
func TestNoLimitIsNotALimitOfNothing(t *testing.T) {
	onBothPaths(t, func(t *testing.T, portable bool) {
		s := start(t, embedded.Options{MaxPayload: -1})
		f := newFeeder(patience)
		attend(t, f, via(portable, endpoint(t, "collective", side(s.ClientURL()))))
		f.size = 2 << 20
		f.feed("a", "b")
		if books := f.end(t); books.Fate(pipeline.Confirmed) != 2 {
			t.Error(books.String())
		}
		f.mu.Lock()
		nc := f.current.session.Conn
		f.mu.Unlock()
		if err := nc.Publish("statistics", []byte("x")); err != nil {
			t.Errorf("nats.go: %v", err)
		}
	})
}
