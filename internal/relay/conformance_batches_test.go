package relay_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// sendAll publishes messages without waiting between them and returns what they become on the other
// side, in order.
func (b *bench) sendAll(t *testing.T, from side, payloads ...string) (subjects []string) {
	t.Helper()
	for _, p := range payloads {
		if err := b.taps[from].Publish(b.subjects[from], b.outgoing(from, []byte(p))); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range b.behind(t, from) {
		subjects = append(subjects, s.Subject)
	}
	return subjects
}

func TestConformanceC41GroupsOfAnySizeArePublishedWhole(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		nodes := fedtest.Nodes(5000)
		for _, groups := range [][][]string{
			{nodes[:200]},
			{nodes[:200], nodes[200:201]},
			{nodes},
		} {
			var payloads []string
			for _, g := range groups {
				payloads = append(payloads, fedtest.Request("same", g...))
			}
			if got, want := b.sendAll(t, federation, payloads...), slices.Concat(groups...); !slices.Equal(got, want) {
				t.Errorf("%d groups: %d copies, want %d in order", len(groups), len(got), len(want))
			}
		}
	})
}

func TestConformanceC42EqualRequestIDsAreNotDuplicates(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		batch := fedtest.Request("same", app7)
		got := b.sendAll(t, federation, batch, batch, fedtest.Request("same", app8))
		if want := []string{app7, app7, app8}; !slices.Equal(got, want) {
			t.Errorf("published to %q, want %q", got, want)
		}
	})
}

func TestConformanceC51VersionsMix(t *testing.T) {
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		var payloads, want []string
		for i := range 100 {
			one, two := fmt.Sprintf("mcollective.node.one%d", i), fmt.Sprintf("choria.node.two%d", i)
			payloads = append(payloads, fedtest.Request("x", one),
				v2(`"reply":"choria.reply.a.b","sender":"c","federation":{"request":"r","targets":["`+two+`"]}`))
			want = append(want, one, two)
		}
		if got := b.sendAll(t, federation, payloads...); !slices.Equal(got, want) {
			t.Errorf("published to %q", clipAll(got))
		}
	})
}

func TestConformanceC49ABurstOfRepliesArrivesWhole(t *testing.T) {
	const replies = 20_000
	inBothModes(t, func(t *testing.T, set func(*config.Config)) {
		b := newBench(t, embedded.Options{}, set)
		payload := strings.Replace(fedtest.Reply("burst", "n1"), "aGVsbG8=", strings.Repeat("QUJD", 350), 1)
		got := b.sendAll(t, collective, slices.Repeat([]string{payload}, replies)...)
		if len(got) != replies {
			t.Errorf("%d of %d replies arrived", len(got), replies)
		}
		const sentinels = 2
		if _, reply := b.relay.Ledgers(); reply.Dropped != 0 || reply.Accepted != replies+sentinels {
			t.Error(b.relay.LedgerLine())
		}
	})
}

// A reply that is dropped must not look like one that arrived: it is counted.
func TestConformanceC49WhatTheInboxCannotHoldIsCountedAsDropped(t *testing.T) {
	const replies = 2000
	b := newBench(t, embedded.Options{}, func(c *config.Config) {
		c.Pipeline.Portable = true // the only one that has an inbox
		c.Pipeline.InboxMessages, c.Pipeline.Depth, c.Pipeline.BatchMessages = 1, 1, 1
	})
	for range replies {
		if err := b.taps[collective].Publish(b.subjects[collective], b.outgoing(collective, []byte(fedtest.Reply("burst", "n1")))); err != nil {
			t.Fatal(err)
		}
	}
	b.taps[collective].Sync()
	fedtest.Eventually(t, "every reply is received or counted as dropped", func() bool {
		_, reply := b.relay.Ledgers()
		return reply.Received+reply.Dropped == replies && reply.Balanced()
	})
	_, reply := b.relay.Ledgers()
	b.taps[federation].Sync()
	if got := int64(b.taps[federation].Seen()); got != reply.Received {
		t.Errorf("%d arrived, of %d received", got, reply.Received)
	}
	if reply.Dropped == 0 {
		t.Error("nothing was dropped: this test proves nothing")
	}
}
