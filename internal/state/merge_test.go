package state

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func marks(nodes ...string) (all []uint32) {
	for _, n := range nodes {
		all = append(all, Mark([]byte(n)))
	}
	return all
}

// Messages of one request, and replies to it, come to different instances.
func TestInstancesTogetherKnowWhoHasNotAnswered(t *testing.T) {
	at := time.Unix(1000, 0)
	docs := []Request{
		{
			ID: "r", Cluster: "london", Identity: "a", Sender: "alice", ReplyTo: "C.reply.x",
			First: at.Add(time.Second), Last: at.Add(time.Second), Messages: 1, Targets: 3,
			Names:  []string{"C.node.n1.example.net", "C.node.n2.example.net", "C.node.n3.example.net"},
			Copies: map[string]int64{"confirmed": 2, "denied": 1}, Denied: []string{"C.node.n2.example.net"},
			Replies: 1, Answered: marks("n5.example.net"), FirstReply: at.Add(5 * time.Second), LastReply: at.Add(5 * time.Second),
			Rejected: []Rejection{{At: at.Add(9 * time.Second), Reason: "loop"}},
		},
		{
			ID: "r", Cluster: "london", Identity: "b", First: at, Last: at, Messages: 1, Targets: 4,
			Names:  []string{"C.node.n4.example.net", "C.node.n5.example.net", "C.broadcast.agent.x", "C.node.n1.example.net"},
			Copies: map[string]int64{"confirmed": 3, "skipped": 1}, Skipped: map[string]int64{"wildcard": 1},
			Replies: 3, Answered: marks("n1.example.net", "n4.example.net", "stranger"),
			FirstReply: at.Add(2 * time.Second), LastReply: at.Add(7 * time.Second),
			Rejected: []Rejection{{At: at, Reason: "late"}},
		},
		{ID: "r", Cluster: "london", Identity: "c", Replies: 1, Answered: marks("n1.example.net")},
	}
	w := Merge(docs)
	got := fmt.Sprint(w.ID, w.Clusters, w.Instances, w.Sender, w.ReplyTo, w.First.Sub(at), w.Last.Sub(at),
		w.Messages, w.Targets, w.Copies, w.Skipped, w.Replies, w.FirstReply.Sub(at), w.LastReply.Sub(at))
	want := "r[london] [a b c]aliceC.reply.x0s 1s 2 7 map[confirmed:5 denied:1 skipped:1] map[wildcard:1] 5 2s 7s"
	if got != want {
		t.Errorf("sums:\n%s, want\n%s", got, want)
	}
	if w.Nodes != 5 || w.Answered != 3 || w.Others != 1 || w.Forgotten {
		t.Errorf("%d nodes, %d answered, %d others, forgotten %v", w.Nodes, w.Answered, w.Others, w.Forgotten)
	}
	if want := []string{"C.node.n2.example.net", "C.node.n3.example.net"}; !slices.Equal(w.Missing, want) {
		t.Errorf("missing %q", w.Missing)
	}
	if want := []string{"C.node.n2.example.net"}; !slices.Equal(w.Denied, want) {
		t.Errorf("denied %q", w.Denied)
	}
	if len(w.Rejected) != 2 || w.Rejected[0].Reason != "late" {
		t.Errorf("rejections %v", w.Rejected)
	}
}

// A denied node is not missing if it has answered: another instance may have reached it.
func TestADeniedNodeThatAnswersIsNotMissing(t *testing.T) {
	w := Merge([]Request{
		{Names: []string{"C.node.n"}, Denied: []string{"C.node.n"}},
		{Names: []string{"C.node.n"}, Answered: marks("n"), Forgotten: true},
	})
	if w.Answered != 1 || len(w.Missing)+len(w.Denied) != 0 || !w.Forgotten {
		t.Errorf("%+v", w)
	}
}

func TestNamesOfNodes(t *testing.T) {
	for target, want := range map[string]string{
		"mcollective.node.a.b.c": "a.b.c", "C.node.x": "x",
		"C.broadcast.agent.node": "", "C.node": "", "C": "", "": "", "C.nodes.x": "",
	} {
		if name, ok := NodeName(target); name != want || ok != (want != "") {
			t.Errorf("%q: %q %v", target, name, ok)
		}
	}
}

func TestListsOfRecentRequestsAreMerged(t *testing.T) {
	at := time.Unix(1000, 0)
	s := MergeSummaries([]Summary{
		{ID: "old", First: at, Targets: 1},
		{ID: "both", Sender: "alice", First: at.Add(2 * time.Second), Last: at.Add(3 * time.Second), Targets: 10, Replies: 2},
		{ID: "both", First: at.Add(time.Second), Last: at.Add(9 * time.Second), Targets: 5, Replies: 1},
		{ID: "both", Last: at.Add(5 * time.Second), Replies: 1},
	})
	want := []Summary{
		{ID: "both", Sender: "alice", First: at.Add(time.Second), Last: at.Add(9 * time.Second), Targets: 15, Replies: 4},
		{ID: "old", First: at, Targets: 1},
	}
	if !slices.Equal(s, want) {
		t.Errorf("%+v", s)
	}
}

// 50,000 nodes are merged in well under a second, so a page may do it for each change.
func BenchmarkMerge(b *testing.B) {
	var r Request
	for i := range 50_000 {
		name := fmt.Sprintf("node%d.example.net", i)
		r.Names = append(r.Names, "mcollective.node."+name)
		r.Answered = append(r.Answered, Mark([]byte(name)))
	}
	for b.Loop() {
		if w := Merge([]Request{r, r, r}); w.Answered != 50_000 {
			b.Fatal(w.Answered)
		}
	}
}
