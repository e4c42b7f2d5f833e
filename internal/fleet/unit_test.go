package fleet

import (
	"bytes"
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestRequestIDs(t *testing.T) {
	shapes := map[Version]string{V1: `^[0-9a-f]{12}4[0-9a-f]{19}$`, V2: `^[0-9A-Za-z]{27}$`}
	for v, shape := range shapes {
		seen := map[string]bool{}
		for range 1000 {
			id := v.dialect().newID()
			if !regexp.MustCompile(shape).MatchString(id) || seen[id] {
				t.Fatalf("v%d: %q", v, id)
			}
			seen[id] = true
		}
	}
	if a, b := ksuid()[:4], ksuid()[:4]; a != b {
		t.Fatalf("ids of one moment begin %s and %s: the time is not in front", a, b)
	}
}

func TestRosterRefusesNamesThatNeedEscaping(t *testing.T) {
	for _, name := range []string{"", "a b", `a"b`, "a..b", ".a", "a.", "a*", "a>", "ä"} {
		if _, err := NewRoster([]string{name}); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
	if _, err := NewRoster([]string{"a", "a"}); err == nil {
		t.Error("a name was accepted twice")
	}
}

func TestGroupsOfTwoHundred(t *testing.T) {
	r := must(NewRoster(Names("london", 450)))
	c := newClient(ClientOptions{Roster: r})
	targets := func(to *Targets) (groups [][]string) {
		for _, m := range must(c.messages("nats://127.0.0.1:4222", "id", to, time.Now())) {
			_, h, err := v1{}.unmarshal(m)
			if err != nil {
				t.Fatal(err)
			}
			groups = append(groups, h.Federation.Targets)
		}
		return groups
	}
	var sizes []int
	for _, g := range targets(r.Directed(nil)) {
		sizes = append(sizes, len(g))
	}
	if !slices.Equal(sizes, []int{200, 200, 50}) {
		t.Fatal(sizes)
	}
	if g := targets(r.Directed([]int{0})); g[0][0] != "mcollective.node.node00001.london.example.net" {
		t.Fatal(g)
	}
	if g := targets(r.Broadcast(nil)); len(g) != 1 || g[0][0] != "mcollective.broadcast.agent.rpcutil" {
		t.Fatal(g)
	}
}

// A copy may be counted by a node before or after the client has its reply: the books are the same.
func TestEntryCountsInAnyOrder(t *testing.T) {
	r := must(NewRoster(Names("london", 3)))
	l := NewLedger(r)
	e := l.open("id", r.Directed([]int{0, 1}))
	e.reply(0)
	e.Deliver(0, 3)
	if v := e.reply(1); v != first {
		t.Fatal(v)
	}
	if v := e.reply(1); v != duplicate {
		t.Fatal(v)
	}
	if v := e.reply(2); v != stray {
		t.Fatal(v)
	}
	e.Deliver(1, 2)
	if _, missing := e.end(); missing != nil {
		t.Fatal(missing)
	}
	want := Totals{Requests: 1, Targets: 2, Delivered: 2, Replies: 2, DuplicateCopies: 1, DuplicateReplies: 1, Misdelivered: 1, Foreign: 1}
	if got := l.Totals(); got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
}

// A reply without a delivered copy is no success: somebody made it up.
func TestReplyWithoutDeliveryIsLost(t *testing.T) {
	r := must(NewRoster(Names("london", 2)))
	l := NewLedger(r)
	e := l.open("id", r.Directed(nil))
	e.reply(0)
	e.reply(1)
	e.end()
	if got := l.Totals(); got.Lost != 2 || got.Replies != 2 {
		t.Fatalf("%+v", got)
	}
}

// A relay that seals puts a seal in the place of the request id. A node brings that back, but knows
// the request by its own id.
func TestANodeKnowsASealedRequest(t *testing.T) {
	for _, v := range []Version{V1, V2} {
		d := v.dialect()
		data := d.seal(question{id: "1f", sender: "c", caller: "choria=alice.mcollective", agent: discovery, asked: time.Now()})
		raw := d.marshal(data, Headers{ReplyTo: "r", Federation: &Federation{Request: "fs1.sealed", ReplyTo: "mcollective.reply.c.1"}})
		tmpl := must(newTemplate(d, raw, "nats://127.0.0.1:4222", 0, time.Now()))
		reply := tmpl.append(nil, "node1", newWorkspace())
		if tmpl.id != "1f" || !bytes.Contains(reply, []byte("fs1.sealed")) {
			t.Errorf("v%d: request %q: %s", v, tmpl.id, reply)
		}
	}
}
