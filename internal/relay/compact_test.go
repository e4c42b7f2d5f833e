package relay_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// compactOf puts requests that differ in their targets only into one compact message.
func compactOf(t *testing.T, requests ...string) string {
	t.Helper()
	var r compact.Request
	var text []byte
	for _, request := range requests {
		var env wire.Envelope
		targets, reason := wire.Scan([]byte(request), wire.Limits{Depth: 16, Hops: 16, Targets: 1 << 16}, &env, nil)
		if reason != wire.OK {
			t.Fatalf("%q: %s", request, reason)
		}
		of := func(s wire.Span) []byte { return s.Of([]byte(request)) }
		r.Parts = wire.Parts{
			Version: env.Version, Data: of(env.Data), Reply: of(env.Reply), Sender: of(env.Sender),
			Trace: of(env.Trace), FedRequest: of(env.FedRequest), Targets: r.Parts.Targets,
		}
		for _, s := range targets {
			r.Parts.Targets = append(r.Parts.Targets, wire.Span{Off: uint32(len(text)) + s.Off, Len: s.Len})
		}
		r.Groups = append(r.Groups, len(r.Parts.Targets))
		text = append(text, request...)
	}
	r.Parts.Text = text
	return string(new(compact.Encoder).AppendRequest(nil, &r))
}

// opened returns the messages in a compact message of replies, and what they were sent to.
func opened(t *testing.T, m []byte) (address string, messages []string) {
	t.Helper()
	var d compact.Decoder
	c, reason := d.Open(m, compact.Limits{Bytes: 1 << 24, Messages: 1 << 16})
	if reason != wire.OK || c.Kind != compact.KindReplies {
		t.Fatalf("%.80q cannot be read as replies: %s", m, reason)
	}
	b, places := d.Append(nil, nil)
	for _, place := range places {
		messages = append(messages, string(place.Of(b)))
	}
	return string(c.Address), messages
}

// copiesOf returns what is published to nodes, as text.
func copiesOf(seen []sighting) (all []string) {
	for _, s := range seen {
		all = append(all, s.Subject+" "+string(s.Data))
	}
	return all
}

func onBothKindsOfPlane(t *testing.T, f func(t *testing.T, set func(*config.Config))) {
	t.Run("framed", func(t *testing.T) { f(t, func(*config.Config) {}) })
	t.Run("library", func(t *testing.T) { f(t, func(c *config.Config) { c.Pipeline.Portable = true }) })
}

func TestACompactRequestBecomesTheCopiesOfItsMessages(t *testing.T) {
	onBothKindsOfPlane(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		nodes := fedtest.Nodes(450)
		groups := []string{
			fedtest.Request("q", append(nodes[:200:200], "no.such.shape", nodes[0])...),
			fedtest.Request("q", nodes[200:400]...), fedtest.Request("q", nodes[400:]...),
		}
		var want []string
		for _, g := range groups {
			want = append(want, copiesOf(b.carry(t, federation, &nats.Msg{Data: []byte(g)}))...)
		}
		before := b.books()[0]
		got := copiesOf(b.carry(t, federation, &nats.Msg{Data: []byte(compactOf(t, groups...))}))
		if !slices.Equal(got, want) {
			t.Errorf("%d copies, not %d, or others", len(got), len(want))
		}
		after := b.books()[0]
		if n := after.Received - before.Received; n != 3+2 { // and two sentinels
			t.Errorf("%d messages received", n)
		}
	})
}

func TestRepliesToAnAddressLeaveTogether(t *testing.T) {
	onBothKindsOfPlane(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		edge := string(wire.AppendEdge(nil, "ams.london", []byte(fedtest.ReplySubject("q"))))
		var want []string
		for i := range 300 {
			reply := strings.Replace(fedtest.Reply("q", fmt.Sprint("node", i)), fedtest.ReplySubject("q"), edge, 1)
			want = append(want, strings.Replace(reply, edge, fedtest.ReplySubject("q"), 1))
			if err := b.taps[collective].Publish(b.subjects[collective], []byte(reply)); err != nil {
				t.Fatal(err)
			}
		}
		seen := b.behind(t, collective)
		var got []string
		for _, s := range seen {
			if s.Subject != "mcollective.reply.edge.ams.london.=" {
				t.Errorf("published to %s", s.Subject)
			}
			address, messages := opened(t, s.Data)
			if address != s.Subject {
				t.Errorf("the address is %s", address)
			}
			got = append(got, messages...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d replies in %d messages, not %d, or others: %.300q", len(got), len(seen), len(want), got)
		}
		if b := b.books()[1].Bundles; b.Bundles != int64(len(seen)) || b.Copies != 300 || b.MessageBytes < 300*100 || b.Bytes == 0 {
			t.Errorf("the books of bundles: %+v", b)
		}
		if len(seen) > 200 {
			t.Errorf("%d messages for 300 replies", len(seen))
		}
		if books := b.books()[1]; books.Fate(pipeline.Confirmed) < 300 {
			t.Errorf("the books: %s", books.String())
		}
	})
}

func TestACompactMessageOnTheWrongPathIsRejected(t *testing.T) {
	b := newBench(t, embedded.Options{}, nil)
	request := compactOf(t, fedtest.Request("q", fedtest.Node("a")))
	replies := string(new(compact.Encoder).AppendReplies(nil, []byte("m.reply.c.="), []wire.Parts{{
		Version: wire.V1, Data: []byte(`"aGk="`), FedReply: []byte("m.reply.c.="),
	}}))
	for _, c := range []struct {
		from    side
		message string
		want    wire.Reason
	}{
		{federation, replies, wire.CompactKind},
		{collective, request, wire.CompactKind},
		{collective, replies, wire.CompactKind},
		{federation, request[:len(request)/2], wire.CompactChecksum},
		{federation, string(rune(compact.Mark)), wire.Malformed},
	} {
		before := b.books()[c.from].Rejected
		if seen := b.carry(t, c.from, &nats.Msg{Data: []byte(c.message)}); len(seen) > 0 {
			t.Errorf("%.40q on the %s: %d messages", c.message, c.from, len(seen))
		}
		for r, n := range b.books()[c.from].Rejected {
			if more := n - before[r]; more > 0 && (wire.Reason(r) != c.want || more != 1) || more == 0 && wire.Reason(r) == c.want {
				t.Errorf("%.40q on the %s: %d rejected as %s, want %s", c.message, c.from, more, wire.Reason(r), c.want)
			}
		}
	}
}

// A bundle is one frame, and all its copies are denied with it.
func TestADeniedBundleIsAllItsCopies(t *testing.T) {
	anybody := &server.User{Username: "anybody", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Deny: []string{"*.reply.edge.>"}},
	}}
	b := newBench(t, embedded.Options{
		Users: []*server.User{anybody}, Tune: func(o *server.Options) { o.NoAuthUser = anybody.Username },
	}, nil)
	edge := string(wire.AppendEdge(nil, "ams.london", []byte(fedtest.ReplySubject("q"))))
	for range 3 {
		for range 50 {
			reply := strings.Replace(fedtest.Reply("q", "node"), fedtest.ReplySubject("q"), edge, 1)
			if err := b.taps[collective].Publish(b.subjects[collective], []byte(reply)); err != nil {
				t.Fatal(err)
			}
		}
		b.behind(t, collective)
	}
	fedtest.Eventually(t, "150 copies are denied, and the books balance", func() bool {
		books := b.books()[1]
		return books.Fate(pipeline.Denied) == 150 && books.Balanced()
	})
}
