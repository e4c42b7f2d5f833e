package web

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// fakeSource is an instance made of plain values.
type fakeSource struct {
	mu         sync.Mutex
	instance   state.Instance
	requests   []state.Request // newest first
	rejections []state.Rejection
	reads      int // how often it was asked for its state
}

func newFake(cluster string) *fakeSource {
	return &fakeSource{instance: state.Instance{
		Schema: state.Schema, Cluster: cluster, Identity: "relay1", Version: "1.2.3", Started: time.Now().UTC(),
		Sides: []state.Side{{Name: "federation", Up: true, Subscribed: true}, {Name: "collective", Up: true, Subscribed: true}},
	}}
}

// change changes the source while nobody reads it.
func (f *fakeSource) change(how func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	how()
}

func (f *fakeSource) Instance() state.Instance {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	i := f.instance
	i.Now = time.Now().UTC()
	return i
}

func (f *fakeSource) Requests(n int) (all []state.Summary) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.requests[:min(n, len(f.requests))] {
		r := &f.requests[i]
		all = append(all, state.Summary{ID: r.ID, Sender: r.Sender, First: r.First, Targets: r.Targets, Replies: r.Replies})
	}
	return all
}

func (f *fakeSource) Request(id string) (state.Request, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if r.ID == id {
			return r, true
		}
	}
	return state.Request{}, false
}

func (f *fakeSource) Rejections(n int) []state.Rejection {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rejections[:min(n, len(f.rejections))]
}

func (f *fakeSource) Probe(context.Context, string) state.Probe { return state.Probe{} }

// asked returns a request to n nodes.
func asked(id string, n int) state.Request {
	r := state.Request{Schema: state.Schema, ID: id, Cluster: "london", Identity: "relay1", Sender: "client1", First: time.Now().UTC(), Targets: int64(n)}
	for i := range n {
		r.Names = append(r.Names, fmt.Sprintf("london.node.n%d.example.net", i))
	}
	return r
}

// answer lets a node of the request answer.
func answer(r *state.Request, node int) {
	name, _ := state.NodeName(r.Names[node])
	r.Answered = append(r.Answered, state.Mark([]byte(name)))
	r.Replies++
}
