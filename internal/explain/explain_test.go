package explain_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/explain"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/pipeline"
)

var came = time.Date(2026, 11, 28, 5, 12, 41, 123e6, time.UTC)

func node(i int) string { return fmt.Sprintf("mcollective.node.web%d.ldn.example.net", i) }

func marks(from, to int) (all []uint32) {
	for i := from; i < to; i++ {
		all = append(all, state.Mark(fmt.Appendf(nil, "web%d.ldn.example.net", i)))
	}
	return all
}

// documents are those of three instances, one of which knows nothing.
func documents() []state.Request {
	first := state.Request{
		ID: "8f2a6c0e5d1b4a3f9e7d2c1b0a998877", Cluster: "london", Identity: "relay1.ldn.example.net",
		Sender: "choria=alice.mcollective", ReplyTo: "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.8f2a6c0e5d1b4a3f9e7d2c1b0a998877",
		First: came, Last: came, Messages: 1, Targets: 32,
		Copies:  map[string]int64{"confirmed": 29, "denied": 1, "skipped": 2, "in_flight": 0},
		Skipped: map[string]int64{"wildcard": 2}, Denied: []string{node(29)},
		Replies: 3, FirstReply: came.Add(210 * time.Millisecond), LastReply: came.Add(1320 * time.Millisecond), Answered: marks(0, 3),
		Rejected: []state.Rejection{{
			At: came.Add(time.Second), Cluster: "london", Identity: "relay1.ldn.example.net", Path: "reply", Reason: "seal_expired",
			Sender: "web9\x1b[2J.ldn.example.net", Request: "8f2a6c0e5d1b4a3f9e7d2c1b0a998877", Size: 12345, Subject: "mcollective.reply.x",
		}},
	}
	for i := range 30 {
		first.Names = append(first.Names, node(i))
	}
	second := state.Request{
		ID: first.ID, Cluster: "london", Identity: "relay2.ldn.example.net",
		Replies: 4, FirstReply: came.Add(300 * time.Millisecond), LastReply: came.Add(2 * time.Second), Answered: marks(3, 7),
	}
	return []state.Request{first, second, {ID: first.ID, Cluster: "london", Identity: "relay3"}}
}

const explained = `request 8f2a6c0e5d1b4a3f9e7d2c1b0a998877
  from       choria=alice.mcollective
  answer to  mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.8f2a6c0e5d1b4a3f9e7d2c1b0a998877
  came       2026-11-28 05:12:41.123 UTC
  replies    from +0.210s to +2.000s

INSTANCE                   CAME  TARGETS  WRITTEN  OTHER  REPLIES  LAST REPLY
relay1.ldn.example.net  +0.000s       32       29      3        3     +1.320s
relay2.ldn.example.net                 0        0      0        4     +2.000s
together                +0.000s       32       29      3        7     +2.000s
know nothing of it: relay3
have not answered, so what they carried is missing here: fedbroker_london_fb1
(connected to fed1)

COPIES
  confirmed                            29
  denied                                1
    the collective's server does not let the relay's login publish there;
    fedrelay config permissions prints what it needs
  skipped: wildcard                     2
    * and > are no names: have the client discover nodes, or name them one by
    one

REJECTED
2026-11-28 05:12:42.123 UTC  london: relay1.ldn.example.net
  rejected on the reply path: seal_expired, 12,345 bytes
  sender web9?[2J.ldn.example.net, request 8f2a6c0e5d1b4a3f9e7d2c1b0a998877
  subject mcollective.reply.x

WHAT TO DO
  seal_expired: raise return_address.lifetime if nodes of yours take that long,
  and compare the clocks of the hosts

NO ANSWER SEEN: 23 of 30 nodes
  Those that have not answered here (above) carry replies, too, and say nothing
  of them: any of these nodes may have answered.
`

func TestARequestIsExplained(t *testing.T) {
	e := state.Explain("8f2a6c0e5d1b4a3f9e7d2c1b0a998877", documents(), []string{"fedbroker_london_fb1 (connected to fed1)"})
	text := write(t, e, false)
	begin, list, _ := strings.Cut(text, "  mcollective.node.")
	list = "  mcollective.node." + list
	if begin != explained {
		t.Errorf("\n%s", text)
	}
	if all := write(t, state.Explain(e.ID, documents(), nil), false); !strings.Contains(all, "\nNOT ANSWERED: 23 of 30 nodes\n  mcollective.node.") {
		t.Errorf("all instances have answered:\n%s", all)
	}
	if n := strings.Count(list, "  mcollective.node."); n != 20 {
		t.Errorf("%d names in\n%s", n, list)
	}
	for _, want := range []string{
		"\n  mcollective.node.web29.ldn.example.net  (denied by the server)\n", "\n  and 3 more nodes; --all lists them\n",
		"command:\n  fedrelay trace web10.ldn.example.net\n",
	} {
		if !strings.Contains(list, want) {
			t.Errorf("no %q in\n%s", want, list)
		}
	}
	if n := strings.Count(write(t, e, true), "  mcollective.node."); n != 23 {
		t.Errorf("%d of all names", n)
	}
}

func write(t *testing.T, e state.Explanation, all bool) string {
	t.Helper()
	var b strings.Builder
	if err := explain.Request(&b, e, explain.Options{Hint: relay.Hint, All: all}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Two clusters, of which each has its sum; names that are not complete; a broadcast.
func TestOtherRequestsAreExplained(t *testing.T) {
	docs := documents()[:2]
	docs[0].Forgotten = true
	docs = append(docs, state.Request{ID: "x", Cluster: "tokyo", Identity: "relay1", First: came.Add(-time.Second), Messages: 1, Targets: 1, Copies: map[string]int64{"in_flight": 1}})
	text := write(t, state.Explain("x", docs, nil), false)
	for _, want := range []string{"london: relay1", "london together", "tokyo: relay1", "+1.000s", "names are not complete", "still under way"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	broadcast := state.Request{ID: "x", Cluster: "london", Identity: "relay1", First: came, Messages: 1, Targets: 1, Copies: map[string]int64{"confirmed": 1}, Replies: 2, Answered: marks(0, 2)}
	if text := write(t, state.Explain("x", []state.Request{broadcast}, nil), false); !strings.Contains(text, "The request names no nodes") || !strings.Contains(text, "2 nodes answered.") || strings.Contains(text, "together") {
		t.Errorf("\n%s", text)
	}
	whole := documents()[0]
	whole.Names, whole.Denied, whole.Rejected = whole.Names[:3], nil, nil
	if text := write(t, state.Explain("x", []state.Request{whole}, nil), false); !strings.HasSuffix(text, "\nAll 3 nodes that are known by name have answered.\n") {
		t.Errorf("\n%s", text)
	}
	whole.Names, whole.Answered = whole.Names[:1], whole.Answered[:1]
	if text := write(t, state.Explain("x", []state.Request{whole}, nil), false); !strings.HasSuffix(text, "\nThe one node that is known by name has answered.\n") {
		t.Errorf("\n%s", text)
	}
	late := state.Request{ID: "x", Cluster: "london", Identity: "relay1", Replies: 1, FirstReply: came, LastReply: came, Answered: marks(0, 1)}
	if text := write(t, state.Explain("x", []state.Request{late}, nil), false); !strings.Contains(text, "nobody who has answered has seen the request itself") {
		t.Errorf("\n%s", text)
	}
}

// What was skipped is said once, and nobody is told to trace what is no node.
func TestASkippedTargetIsNotTraced(t *testing.T) {
	r := state.Request{
		ID: "x", Cluster: "london", Identity: "relay1", First: came, Messages: 1, Targets: 2, Copies: map[string]int64{"confirmed": 1, "skipped": 1},
		Skipped: map[string]int64{"wildcard": 1}, Names: []string{"mcollective.node.*", node(1)},
		Rejected: []state.Rejection{{At: came, Path: "request", Reason: "wildcard", Targets: 1, Subject: "mcollective.node.*"}},
	}
	text := write(t, state.Explain("x", []state.Request{r}, nil), false)
	if strings.Count(text, "are no names") != 1 || !strings.Contains(text, "fedrelay trace web1.ldn.example.net\n") {
		t.Errorf("\n%s", text)
	}
}

// Without being told trace would ask a node of mcollective.
func TestANodeOfAnotherCollectiveIsTracedThere(t *testing.T) {
	r := state.Request{ID: "x", Cluster: "london", Identity: "relay1", First: came, Messages: 1, Targets: 1, Copies: map[string]int64{"confirmed": 1}}
	for target, want := range map[string]string{"mcollective.node.web1": "\n  fedrelay trace web1\n", "ops.node.web1": "\n  fedrelay trace web1 --collective ops\n"} {
		r.Names = []string{target}
		if text := write(t, state.Explain("x", []state.Request{r}, nil), false); !strings.HasSuffix(text, want) {
			t.Errorf("%s: no %q in\n%s", target, want, text)
		}
	}
}

// Lines fit a terminal, except long subjects. Nothing that a terminal obeys is written.
func TestTextsFitATerminal(t *testing.T) {
	docs := documents()
	docs[1].Identity = strings.Repeat("long", 30)
	docs[0].Sender = "\x1b]0;evil\a" + strings.Repeat("é", 300)
	text := write(t, state.Explain("8f2a6c0e5d1b4a3f9e7d2c1b0a998877", docs, []string{"a\nb"}), true)
	var b strings.Builder
	if err := explain.List(&b, []state.Summary{
		{ID: "8f2a6c0e5d1b4a3f9e7d2c1b0a998877", First: came, Targets: 10_000, Replies: 9_998, Sender: "choria=alice.mcollective\x1b"},
		{ID: "short"},
	}); err != nil {
		t.Fatal(err)
	}
	text += b.String()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		long := strings.HasPrefix(line, "  from ") || strings.HasPrefix(line, "  answer to ") || !strings.Contains(strings.TrimSpace(line), " ")
		if len(line) > 80 && !long {
			t.Errorf("%d columns: %s", len(line), line)
		}
		for _, r := range line {
			if r < ' ' || r > '~' {
				t.Fatalf("%q in %q", r, line)
			}
		}
	}
	if want := "8f2a6c0e5d1b4a3f9e7d2c1b0a998877  05:12:41   10,000    9,998  choria=alice.mc...\n"; !strings.Contains(text, want) {
		t.Errorf("no %q in\n%s", want, text)
	}
}

func TestRejectionsAreListed(t *testing.T) {
	var b strings.Builder
	all := []state.Rejection{
		{At: came, Cluster: "london", Identity: "relay1", Path: "request", Reason: "wildcard", Size: 512, Targets: 2, Subject: "mcollective.node.*"},
		{At: came, Cluster: "london", Identity: "relay2", Path: "request", Reason: "malformed", Size: 1},
		{At: came, Cluster: "london", Identity: "relay2", Path: "request", Reason: "malformed", Size: 1},
	}
	if err := explain.Rejections(&b, all, relay.Hint); err != nil {
		t.Fatal(err)
	}
	want := `2026-11-28 05:12:41.123 UTC  london: relay1
  2 targets skipped on the request path: wildcard, 512 bytes
  subject mcollective.node.*
2026-11-28 05:12:41.123 UTC  london: relay2
  rejected on the request path: malformed, 1 bytes
`
	if text := b.String(); !strings.HasPrefix(text, want) || strings.Count(text, "not JSON") != 1 || strings.Count(text, "WHAT TO DO") != 1 {
		t.Errorf("\n%s", text)
	}
}

// What is not known to be a number is not said to be one.
func TestNumbersThatAreNotKnownAreBounds(t *testing.T) {
	docs := documents()
	docs[0].DenialsForgotten = true
	text := write(t, state.Explain("x", docs, nil), false)
	for _, want := range []string{
		"relay1.ldn.example.net  +0.000s       32     <=29    >=3        3     +1.320s\n",
		"relay2.ldn.example.net                 0        0      0        4     +2.000s\n",
		"together                +0.000s       32     <=29    >=3        7     +2.000s\n",
		"\n  confirmed, at most                   29\n", "\n  denied, at least                      1\n",
		"may have denied more copies",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "names are not complete") {
		t.Errorf("they are:\n%s", text)
	}
}

// Every fate of a copy has its sentence.
func TestEveryFateHasAdvice(t *testing.T) {
	for f := range pipeline.NumFates {
		if f == pipeline.Confirmed || f == pipeline.Skipped {
			continue
		}
		r := state.Request{ID: "x", Cluster: "c", Identity: "i", First: came, Messages: 1, Copies: map[string]int64{f.String(): 3}}
		text := write(t, state.Explain("x", []state.Request{r}, nil), false)
		if _, after, found := strings.Cut(text, "  "+f.String()); !found || !strings.HasPrefix(after[strings.Index(after, "\n"):], "\n    ") {
			t.Errorf("%s:\n%s", f, text)
		}
	}
}
