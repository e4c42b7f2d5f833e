package chaos

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/load"
	"github.com/fedrelay/fedrelay/internal/record"
)

// well is a run in which nothing is wrong: two requests to three nodes.
func well() observed {
	run := &record.Run{Totals: record.Totals{Requests: 2, Targets: 6, Replies: 6}}
	for i := range 2 {
		run.Requests = append(run.Requests, record.Request{Planned: time.Duration(i) * time.Second, Replies: []uint32{1, 2, 3}})
	}
	return observed{
		run: run, counts: load.Counts{Copies: 6, Replies: 6}, ended: books{confirmed: 6, replies: 6},
		well: 500 * time.Millisecond, load: 100, known: true,
	}
}

func TestWhatMustHoldIsJudged(t *testing.T) {
	lossless, bounded := Fault{Lossless: true}, Fault{LostAtMost: 10 * time.Millisecond} // 1 reply
	for name, c := range map[string]struct {
		fault  Fault
		change func(*observed)
		says   string // "" if nothing is wrong
	}{
		"nothing is wrong":      {lossless, func(*observed) {}, ""},
		"a duplicate":           {Fault{}, func(o *observed) { o.run.Totals.Duplicates = 1 }, "1 came twice"},
		"a wrong node":          {Fault{}, func(o *observed) { o.run.Totals.Misdelivered = 2 }, "2 came to the wrong node"},
		"damaged":               {Fault{}, func(o *observed) { o.counts.Corrupt = 3 }, "3 replies are not what"},
		"a stray":               {Fault{}, func(o *observed) { o.counts.Strays = 3 }, "3 replies to nothing"},
		"books":                 {Fault{}, func(o *observed) { o.ended.unaccounted = -1 }, "-1 unaccounted"},
		"lost":                  {lossless, func(o *observed) { o.run.Totals.Lost = 1 }, "1 lost, and nothing may be"},
		"lost as it may be":     {Fault{}, func(o *observed) { o.run.Totals.Lost = 1 }, ""},
		"lost within the bound": {bounded, func(o *observed) { o.run.Totals.Lost = 2 }, ""},
		"lost beyond the bound": {bounded, func(o *observed) { o.run.Totals.Lost = 3 }, "3 lost, and 2 may be"},
		"a false confirmation":  {Fault{}, func(o *observed) { o.ended.confirmed = 7 }, "6 copies arrived; relays have confirmed 7"},
		"a copy in doubt":       {Fault{}, func(o *observed) { o.ended.confirmed, o.ended.unconfirmed = 5, 1 }, ""},
		"a copy unknown":        {Fault{}, func(o *observed) { o.ended.confirmed = 5 }, "relays have confirmed 5, and do not know of 0"},
		"a reply unknown":       {Fault{}, func(o *observed) { o.ended.replies = 4 }, "6 replies arrived; relays have confirmed 4"},
		"books of some":         {Fault{}, func(o *observed) { o.known, o.ended = false, books{} }, ""},
		"missing afterwards":    {Fault{}, func(o *observed) { o.run.Requests[1].Replies[2] = 0 }, "1 requests after the end"},
		"missing before":        {Fault{}, func(o *observed) { o.run.Requests[0].Replies[2] = 0 }, ""},
	} {
		o, r := well(), Result{Fault: c.fault, Times: 2}
		c.change(&o)
		r.judge(o)
		if got := strings.Join(r.Problems, "; "); !strings.Contains(got, c.says) || c.says == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}

func TestBooksAreReadFromTheLastLine(t *testing.T) {
	const said = `{"msg":"draining"}
{"level":"INFO","msg":"ledger: request: received 9 = accepted 8 + rejected 1, copies 1600 = confirmed 1590 + unconfirmed 3 + denied 7 + in flight 0, ingest_dropped 0; ` +
		`reply: received 1500 = accepted 1500 + rejected 0, copies 1500 = confirmed 1499 + unconfirmed 1 + denied 0 + in flight 0; unaccounted -2"}`
	b, ok := readBooks(said)
	if want := (books{1590, 3, 1499, 1, -2}); !ok || b != want {
		t.Errorf("%+v, want %+v", b, want)
	}
	if _, ok := readBooks("killed"); ok {
		t.Error("books in a text without any")
	}
	sum := books{1, 2, 3, 4, 5}
	if sum.add(b); sum != (books{1591, 5, 1502, 5, 3}) {
		t.Errorf("%+v", sum)
	}
}

func TestACutWireEndsBothConnections(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	w, err := newWire(server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	near, err := net.Dial("tcp", w.address())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := server.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	if _, err := near.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if n, err := far.Read(make([]byte, 2)); n != 1 {
		t.Fatal(n, err)
	}
	w.cut()
	for _, end := range []net.Conn{near, far} {
		if _, err := end.Read(make([]byte, 1)); err == nil {
			t.Error("it is not cut")
		}
	}
}

func TestTheTableHasALineForEachFault(t *testing.T) {
	var results []Result
	for _, f := range Faults() {
		if f.Name == "" || f.What == "" || f.happens == nil {
			t.Errorf("%+v", f)
		}
		results = append(results, Result{Fault: f, Requests: 1234, Problems: []string{"a", "b"}})
	}
	text := Table(results).Text()
	for _, want := range []string{"kill -9", "1,234", "a; b"} {
		if strings.Count(text, want) == 0 {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if n := strings.Count(Table(results).Markdown(), "\n|"); n != len(results)+2 {
		t.Errorf("%d lines for %d faults", n, len(results))
	}
}
