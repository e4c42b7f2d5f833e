package recent

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

var began = time.Unix(1_000_000, 0)

// nodes returns n targets, and the text of a list of them.
func nodes(from, n int) (targets []string, text []byte) {
	for i := range n {
		targets = append(targets, fmt.Sprintf("mcollective.node.n%06d.example.net", from+i))
	}
	return targets, []byte(`"` + strings.Join(targets, `","`) + `"`)
}

// ask notes a message of a request.
func ask(m *Memory, id string, at time.Duration, text []byte, copies int) uint32 {
	return m.Requests.Note(&Message{
		ID: []byte(id), Sender: []byte("bastion"), ReplyTo: []byte("C.reply.x"), Received: began.Add(at),
		Targets: copies, Copies: copies, Names: text,
	})
}

// answer notes replies of nodes, and enters them.
func answer(m *Memory, id string, at time.Duration, targets []string) {
	for _, t := range targets {
		name, _ := state.NodeName(t)
		m.Replies.Note([]byte(id), []byte(name), began.Add(at))
	}
	m.Replies.Conclude()
}

func TestMessagesAndRepliesOfARequestAreOneRequest(t *testing.T) {
	m := New(1 << 20)
	first, text := nodes(0, 200)
	mark := ask(m, "r", 0, text, 200)
	second, text := nodes(200, 200)
	if again := ask(m, "r", time.Second, text, 200); again != mark {
		t.Errorf("marks %d and %d", mark, again)
	}
	m.Requests.Skipped(mark, wire.Wildcard, 7)
	other, text := nodes(0, 3)
	ask(m, "other", time.Minute, text, 3)
	all := append(first, second...)
	for i := range all {
		if i%2 == 0 { // replies to both take turns
			m.Replies.Note([]byte("r"), []byte(strings.TrimPrefix(all[i], "mcollective.node.")), began.Add(2*time.Second))
		} else {
			m.Replies.Note([]byte("other"), []byte("n"), began)
		}
	}
	m.Replies.Conclude()
	answer(m, "r", 3*time.Second, all[:2])
	d, found := m.Request("r")
	if !found || d.Messages != 2 || d.Targets != 400 || d.Sender != "bastion" || d.ReplyTo != "C.reply.x" || d.Forgotten ||
		!d.First.Equal(began) || !d.Last.Equal(began.Add(time.Second)) || d.Replies != 202 || d.Skipped["wildcard"] != 7 ||
		!d.FirstReply.Equal(began.Add(2*time.Second)) || !d.LastReply.Equal(began.Add(3*time.Second)) || len(d.Answered) != 201 {
		d.Names, d.Answered = nil, nil
		t.Errorf("%v, %+v", found, d)
	}
	if d, _ := m.Request("r"); !slices.Equal(d.Names, all) {
		t.Errorf("%d names: %q ...", len(d.Names), d.Names[0])
	}
	if w := state.Merge([]state.Request{d}); w.Answered != 201 || len(w.Missing) != 199 {
		t.Errorf("%d answered, %d missing", w.Answered, len(w.Missing))
	}
	if d, _ := m.Request("other"); d.Replies != 200 || len(d.Answered) != 1 || !slices.Equal(d.Names, other) {
		t.Errorf("%+v", d)
	}
	if l := m.Latest(10); len(l) != 2 || l[0].ID != "other" || l[1].Replies != 202 || len(m.Latest(1)) != 1 {
		t.Errorf("%+v", l)
	}
	answer(m, "elsewhere", time.Hour, all[:1])
	if l := m.Latest(10); len(l) != 3 || l[0].ID != "elsewhere" || l[0].Targets != 0 || l[0].Replies != 1 {
		t.Errorf("%+v", l)
	}
}

func TestFatesAreThoseOfTheirRequest(t *testing.T) {
	m := New(1 << 20)
	targets, text := nodes(0, 10)
	a, b := ask(m, "a", 0, text, 10), ask(m, "b", time.Second, text, 10)
	m.Requests.Denied(targets[9], began.Add(-time.Second)) // of a request that is forgotten
	m.Requests.Denied(targets[2], time.Now())
	m.Requests.Settled(pipeline.Confirmed, []pipeline.Marked{{Mark: a, Copies: 4}, {Mark: 0, Copies: 9}, {Mark: 77, Copies: 1}})
	m.Requests.Settled(pipeline.Expired, []pipeline.Marked{{Mark: a, Copies: 1}})
	m.Requests.Settled(pipeline.Unconfirmed, []pipeline.Marked{{Mark: a, Copies: 2}})
	m.Requests.Settled(pipeline.Denied, []pipeline.Marked{{Mark: b, Copies: 10}})
	d, _ := m.Request("a")
	if got := fmt.Sprint(d.Copies); got != "map[confirmed:3 denied:1 expired:1 in_flight:3 unconfirmed:2]" || !slices.Equal(d.Denied, targets[2:3]) {
		t.Errorf("%s, %q", got, d.Denied)
	}
	m.Requests.Settled(pipeline.Confirmed, []pipeline.Marked{{Mark: a, Copies: 3}})
	m.Requests.Denied(targets[4], time.Now().Add(time.Hour)) // after all copies were settled
	if d, _ := m.Request("a"); fmt.Sprint(d.Copies) != "map[confirmed:6 denied:1 expired:1 unconfirmed:2]" {
		t.Errorf("%v", d.Copies)
	}
	if d, _ := m.Request("b"); d.Copies["denied"] != 10 || d.Copies["confirmed"] != 0 {
		t.Errorf("a denied bundle: %v", d.Copies)
	}
}

// What is oldest goes first, and a request that has lost some of its names says so.
func TestWhatIsForgottenIsSaid(t *testing.T) {
	m := New(64 << 10)
	for i := range 1000 {
		_, text := nodes(1000*i, 20)
		ask(m, fmt.Sprint(i), time.Duration(i)*time.Second, text, 20)
		answer(m, fmt.Sprint(i), time.Duration(i)*time.Second, []string{"C.node.x"})
	}
	if _, found := m.Request("0"); found {
		t.Error("the first one is still known")
	}
	for _, r := range m.Latest(1000) {
		d, found := m.Request(r.ID)
		if !found || d.Targets != 20 || !d.Forgotten && len(d.Names) != 20 {
			t.Errorf("%v, %+v", found, d)
		}
	}
	if n := len(m.Latest(1000)); n < 5 || n > 16 {
		t.Errorf("%d are known", n)
	}
	if d, found := m.Request("999"); !found || len(d.Names) != 20 || d.Forgotten {
		t.Errorf("the last one: %v, %+v", found, d)
	}
	targets, text := nodes(0, 10_000) // more than there is room for
	for range 20 {
		ask(m, "large", time.Hour, text, 10_000)
		answer(m, "large", time.Hour, targets)
	}
	d, found := m.Request("large")
	if !found || !d.Forgotten || d.Targets != 200_000 || d.Replies != 200_000 || d.Sender == "" {
		t.Errorf("%v, %d targets, %d replies, forgotten %v, from %q", found, d.Targets, d.Replies, d.Forgotten, d.Sender)
	}
}

// A server names what it denies, and that is remembered for a while. What is counted as confirmed
// without it is said to be a guess.
func TestDenialsThatAreForgottenAreSaid(t *testing.T) {
	const most = 256 // denials that are remembered
	m := New(64 << 10)
	denied := func(id string, targets, denied int) state.Request {
		all, text := nodes(0, targets)
		mark := ask(m, id, time.Since(began), text, targets)
		for _, target := range all[:denied] {
			m.Requests.Denied(target, time.Now())
		}
		m.Requests.Settled(pipeline.Confirmed, []pipeline.Marked{{Mark: mark, Copies: uint32(targets)}})
		d, _ := m.Request(id)
		return d
	}
	for id, c := range map[string]struct {
		targets, denied int
		most, forgotten bool // of confirmed ones it is known how many there are at most; names are
	}{
		"few":                                 {10, 3, false, false},
		"nearly as many as there is room for": {300, most - 1, false, false},
		"more":                                {400, 300, true, false},
		"all, and more":                       {300, 300, true, false},
		"none of unknown names":               {10_000, 0, false, true},
		"some of unknown names":               {10_000, 3, true, true},
	} {
		d := denied(id, c.targets, c.denied)
		if d.DenialsForgotten != c.most || d.Forgotten != c.forgotten || state.Merge([]state.Request{d}).DenialsForgotten != c.most {
			t.Errorf("%s: %v, names are %v", id, d.DenialsForgotten, d.Forgotten)
		}
		confirmed := int64(c.targets - c.denied)
		if got := d.Copies["confirmed"]; !c.most && got != confirmed || got < confirmed || got+d.Copies["denied"] != int64(c.targets) {
			t.Errorf("%s: %v", id, d.Copies)
		}
	}
}

// No more memory than asked for is in use, whatever comes: here requests to one node, large ones,
// denials and rejections.
func TestTheMemoryIsBounded(t *testing.T) {
	targets, text := nodes(0, 5000)
	_, one := nodes(0, 1)
	for bytes, times := range map[int]int{64 << 10: 8, 1 << 20: 2, 8 << 20: 1} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.GC() // the first one leaves what finalizers hold
		runtime.ReadMemStats(&before)
		var all []*Memory
		for range times {
			m := New(bytes)
			fill(m, bytes, targets, text, one)
			all = append(all, m)
		}
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&after)
		const noise = 256 << 10 // what the runtime and other tests hold or give back
		used := int(after.HeapAlloc) - int(before.HeapAlloc)
		if most := times*bytes*17/16 + noise; used > most || used < times*bytes/2-noise {
			t.Errorf("%d times %d bytes: %d are in use", times, bytes, used)
		}
		t.Logf("%d times %d bytes: %d in use, %d requests known", times, bytes, used, len(all[0].Latest(1<<20)))
		runtime.KeepAlive(all)
	}
}

// fill brings more to m than it can keep.
func fill(m *Memory, bytes int, targets []string, text, one []byte) {
	for i := range bytes/bytesOfRequest + 20 {
		id, part := fmt.Sprint(i), one
		if i%100 == 0 {
			part = text
		}
		ask(m, id, 0, part, 1)
		answer(m, id, 0, targets[:1+i%20])
		m.Rejected[i%2].Note(&pipeline.Finding{Reason: wire.Malformed, Sender: text})
	}
	for range max(2, bytes>>17) {
		answer(m, "r", 0, targets)
		ask(m, "r", 0, text, 1)
	}
	for i := range bytes / 256 {
		m.Requests.Denied(targets[i%5000], began)
	}
}

// 8 MiB are enough for what the documentation promises.
func TestHowMuchIsRemembered(t *testing.T) {
	m := New(8 << 20)
	_, text := nodes(0, 200)
	for i := range 650 { // 130,000 targets
		ask(m, fmt.Sprint(i), 0, text, 200)
	}
	if d, found := m.Request("0"); !found || d.Forgotten || len(d.Names) != 200 {
		t.Errorf("%v, %d names", found, len(d.Names))
	}
	small := New(8 << 20)
	_, one := nodes(0, 1)
	for i := range 2048 {
		ask(small, fmt.Sprint(i), 0, one, 1)
	}
	if d, found := small.Request("0"); !found || len(d.Names) != 1 {
		t.Errorf("%v, %+v", found, d)
	}
}

// Questions may be asked while messages come.
func TestQuestionsWhileMessagesCome(t *testing.T) {
	m := New(128 << 10)
	var writing, asking sync.WaitGroup
	done := make(chan struct{})
	targets, text := nodes(0, 300)
	writing.Go(func() {
		for i := range 400 {
			mark := ask(m, fmt.Sprint(i/3), 0, text, 300)
			m.Requests.Settled(pipeline.Confirmed, []pipeline.Marked{{Mark: mark, Copies: 300}})
			m.Requests.Denied(targets[i%300], began)
			m.Rejected[0].Note(&pipeline.Finding{Reason: wire.Late, Request: []byte("3")})
		}
	})
	writing.Go(func() {
		for i := range 400 {
			answer(m, fmt.Sprint(i/3), 0, targets)
		}
	})
	for range 2 {
		asking.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				d, _ := m.Request(fmt.Sprint(i % 130))
				for _, name := range d.Names {
					if !strings.HasPrefix(name, "mcollective.node.n000") || len(name) != len(targets[0]) {
						t.Errorf("%q is no name", name)
						return
					}
				}
				m.Latest(10)
				m.Rejections(10)
			}
		})
	}
	writing.Wait()
	close(done)
	asking.Wait()
}

func TestRejectionsAreTheLatest(t *testing.T) {
	m := New(1 << 20)
	for i := range 1000 {
		m.Rejected[i%2].Note(&pipeline.Finding{
			Reason: wire.Wildcard, Request: fmt.Append(nil, i%4), Received: began.Add(time.Duration(i)), Size: i,
			Subject: []byte("C.reply.x"), Target: []byte("C.node.*"), Targets: i % 2, Sender: []byte(strings.Repeat("s", 1000)),
		})
	}
	all := m.Rejections(1000)
	if len(all) > 2*mostRejections || len(all) < 20 || all[0].Size != 999 || all[0].Path != "reply" || all[0].Subject != "C.node.*" ||
		all[1].Size != 998 || all[1].Path != "request" || all[1].Subject != "C.reply.x" || len(all[1].Sender) != 64 {
		t.Errorf("%d: %+v", len(all), all[:2])
	}
	d, found := m.Request("3")
	if !found || len(d.Rejected) == 0 || d.Rejected[len(d.Rejected)-1].Size != 999 {
		t.Errorf("%+v", d)
	}
}

func TestAMemoryOfNothing(t *testing.T) {
	m := New(0)
	if mark := ask(m, "r", 0, nil, 1); mark != 0 {
		t.Error(mark)
	}
	answer(m, "r", 0, []string{"C.node.x"})
	m.Requests.Settled(pipeline.Confirmed, nil)
	m.Requests.Skipped(1, wire.Loop, 1)
	m.Requests.Denied("x", began)
	m.Rejected[0].Note(&pipeline.Finding{})
	if _, found := m.Request("r"); found || len(m.Latest(1))+len(m.Rejections(1)) > 0 {
		t.Error("it remembers")
	}
}

// Whoever looks through all that is remembered holds up no message meanwhile.
func TestAQuestionHoldsNoLockWhileItThinks(t *testing.T) {
	m := New(64 << 10)
	for i := range 20 {
		ask(m, fmt.Sprint(i), 0, nil, 1)
		answer(m, fmt.Sprint(i), 0, []string{"mcollective.node.x"})
		m.Rejected[0].Note(&pipeline.Finding{Reason: wire.Late, Request: fmt.Append(nil, i)})
	}
	seen := 0
	free := func(mu interface {
		TryLock() bool
		Unlock()
	}) {
		seen++
		if !mu.TryLock() {
			t.Fatal("a lock is held")
		}
		mu.Unlock()
	}
	m.Requests.each(func(uint64, *request) { free(&m.Requests.mu) })
	m.Replies.each(func(uint64, *replies) { free(&m.Replies.mu) })
	m.Rejected[0].latest(100, func(*rejection) bool { free(&m.Rejected[0].mu); return true })
	if seen < 30 {
		t.Errorf("%d are known", seen)
	}
}
