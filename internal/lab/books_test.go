package lab

import (
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/record"
)

func TestMetricsAreSummedByPathAndFate(t *testing.T) {
	got := parse(`# HELP fedrelay_copies_total Copies by what became of them.
# TYPE fedrelay_copies_total counter
fedrelay_copies_total{path="reply",fate="confirmed",reason=""} 5
fedrelay_copies_total{path="request",fate="denied",reason="a b"} 3
fedrelay_copies_total{path="request",fate="denied",reason="c"} 4
fedrelay_ready 1
nonsense
fedrelay_copies_in_flight{path="request"} 1e3
`)
	for key, want := range map[string]float64{
		"fedrelay_copies_total reply confirmed": 5, "fedrelay_copies_total request denied": 7, "fedrelay_ready": 1,
		"fedrelay_copies_in_flight request": 1000,
	} {
		if got[key] != want {
			t.Errorf("%s: %g, want %g", key, got[key], want)
		}
	}
	if len(got) != 4 {
		t.Error(got)
	}
}

func TestWhatTheBooksMayAndMayNotSay(t *testing.T) {
	at := func(messages, arrived, answered, replies int64) seen {
		p := passed{messages, arrived, answered, replies}
		return seen{before: p, after: p, fanOut: 1, nodes: answered > 0}
	}
	ok := at(10, 2000, 2000, 2000)
	broadcast := at(2, 200, 200, 200)
	broadcast.fanOut = 100
	lost := at(2, 199, 199, 199)
	lost.fanOut = 100
	later := ok
	later.before.answered, later.before.replies = 1900, 1900
	fine := record.Ledger{Path: "request", Received: 10, Accepted: 10, Copies: 2000, Confirmed: 2000}
	back := record.Ledger{Path: "reply", Received: 2000, Accepted: 2000, Copies: 2000, Confirmed: 2000}
	with := func(l record.Ledger, change func(*record.Ledger)) record.Ledger { change(&l); return l }
	for name, c := range map[string]struct {
		seen seen
		book record.Ledger
		want string
	}{
		"agreement":            {ok, fine, ""},
		"agreement, reply":     {ok, back, ""},
		"unconfirmed":          {ok, with(fine, func(l *record.Ledger) { l.Confirmed = 1990 }), ""},
		"dropped at the door":  {ok, with(fine, func(l *record.Ledger) { l.Received, l.Dropped = 9, 1 }), ""},
		"message missing":      {ok, with(fine, func(l *record.Ledger) { l.Received = 9 }), "received 9 messages on its request path, and 10 were sent"},
		"reply missing":        {ok, with(back, func(l *record.Ledger) { l.Received = 1999 }), "received 1999 messages on its reply path"},
		"confirmed, not there": {at(10, 1999, 1999, 1999), fine, "only 1999 arrived"},
		"there, never made":    {at(10, 2001, 2001, 2001), fine, "made 2000 copies on its request path, and 2001 arrived"},
		"replies after that":   {later, with(back, func(l *record.Ledger) { l.Received, l.Copies, l.Confirmed = 1950, 1950, 1950 }), ""},
		"replies from nowhere": {ok, with(back, func(l *record.Ledger) { l.Received = 2001 }), "and only 2000 were sent"},
		"unaccounted":          {ok, with(fine, func(l *record.Ledger) { l.Unaccounted = 3 }), "cannot account for 3"},
		"broadcast":            {broadcast, record.Ledger{Path: "request", Received: 2, Copies: 2, Confirmed: 2}, ""},
		"broadcast lost":       {lost, record.Ledger{Path: "request", Received: 2, Copies: 2, Confirmed: 2}, "only 199"},
		"nodes elsewhere":      {at(10, 0, 0, 2000), fine, ""},
		"replies elsewhere":    {at(10, 0, 0, 1999), back, "only 1999"},
	} {
		got := strings.Join(c.seen.disagree([]record.Ledger{c.book}), "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestWhatTheBooksOfAnEdgeMayAndMayNotSay(t *testing.T) {
	p := passed{10, 2000, 2000, 2000}
	s := seen{before: p, after: p, fanOut: 1, nodes: true}
	for want, change := range map[string]func(b []record.Ledger){
		"": func([]record.Ledger) {},
		"the edge itself cannot account for 3 on its reply path":                  func(b []record.Ledger) { b[3].Unaccounted = 3 },
		"the edge received 9 messages on its request path":                        func(b []record.Ledger) { b[2].Received = 9 },
		"the edge confirmed 2000 targets, and the relay made 1900 copies":         func(b []record.Ledger) { b[0].Copies, b[0].Confirmed = 1900, 1900 },
		"the relay confirmed 2000 replies, and the edge received 1990":            func(b []record.Ledger) { b[3].Received = 1990 },
		"the edge confirmed 2001 copies on its reply path, and only 2000 arrived": func(b []record.Ledger) { b[3].Confirmed = 2001 },
	} {
		books := []record.Ledger{
			{Path: "request", Received: 10, Copies: 2000, Confirmed: 2000}, {Path: "reply", Received: 2000, Copies: 2000, Confirmed: 2000},
			{Path: "edge request", Received: 10, Copies: 2000, Confirmed: 2000}, {Path: "edge reply", Received: 2000, Copies: 2000, Confirmed: 2000},
		}
		change(books)
		got := strings.Join(s.disagree(books), "; ")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q", want, got)
		}
	}
}

func TestHostAndPortOfAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"nats://127.0.0.1:4222": "127.0.0.1:4222", "127.0.0.1:4222": "127.0.0.1:4222", "nats://u:p@h:1": "h:1", "h": "h",
	} {
		if got := hostPort(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
