package natsio

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A publisher and a source over TLS, on one server.
func TestMessagesComeAndGoOverTLS(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		ca := natstest.NewAuthority(t, "Relay CA")
		s := natstest.Start(t, embedded.Options{TLS: ca.Server(natstest.Soon(), "127.0.0.1")})
		secure := natstest.Side(s.ClientURL())
		secure.TLS.CA = ca.Path
		e := via(portable, endpoint(t, "collective", secure))
		r := newTester(10_000)
		r.start(t)
		stop := attend(t, r, e)
		serve(t, r.Source)
		f := newFeeder(natstest.Patience)
		stopFeeder := attend(t, f, e)

		sizes := []int{0, 1, 1000, shareFrom, 300_000}
		var want []string
		for _, size := range sizes {
			f.size = size
			f.feed("in")
			f.feed("in", "in", "elsewhere")
			want = append(want, slices.Repeat([]string{strings.Repeat("p", size)}, 3)...)
			if got := r.next(t, 3); !slices.Equal(got, want[len(want)-3:]) {
				t.Errorf("payloads of %d bytes: %d messages", size, len(got))
			}
		}
		if books := f.end(t); books.Fate(pipeline.Confirmed) != int64(4*len(sizes)) {
			t.Error(books.String())
		}
		if _, ok := f.sessionTLS(); !ok {
			t.Error("not TLS")
		}
		stopFeeder()
		r.Close()
		r.rest(t)
		r.givesBack(t, stop)
	})
}

func (f *feeder) sessionTLS() (version uint16, ok bool) {
	st, ok := f.inUse().session.TLS()
	return st.Version, ok
}

// What a relay does all day: one relay's publisher feeds another one's source, and both keep exact
// books.
func TestEverythingPublishedIsReceived(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		s := natstest.Start(t, embedded.Options{})
		e := via(portable, endpoint(t, "collective", natstest.Side(s.ClientURL())))
		c := newCounter(t)
		stop := attend(t, c, e)
		serve(t, c.Source)
		f := newFeeder(natstest.Patience)
		f.size = 700
		stopFeeder := attend(t, f, e)
		nc := natstest.Client(t, s.ClientURL())
		elsewhere := make(chan *nats.Msg, 100_000)
		if _, err := nc.ChanSubscribe("other.>", elsewhere); err != nil {
			t.Fatal(err)
		}
		natstest.Succeeds(t, nc.Flush())
		for range 100 {
			f.feed(append(serials("other", 100), "in")...)
		}
		books := f.end(t)
		natstest.Succeeds(t, c.Leave(t.Context()))
		natstest.Succeeds(t, nc.Flush())
		stopFeeder()
		c.Close()
		<-c.done
		if n := c.seen[strings.Repeat("p", f.size)]; n != 100 || len(elsewhere) != 10_000 {
			t.Errorf("%d and %d received", n, len(elsewhere))
		}
		if books.Fate(pipeline.Confirmed) != 10_100 {
			t.Error(books.String())
		}
		c.givesBack(t, stop)
	})
}
