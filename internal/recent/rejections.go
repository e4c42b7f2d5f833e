package recent

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// Rejections remembers the messages that one path has rejected last, and the targets that it has
// skipped. A nil one remembers nothing. All methods may be called from any goroutine.
type Rejections struct {
	most int

	mu   lock.Mutex[Rejections]
	ring []rejection // the n-th one is at n modulo most
	n    int         // how many there were
}

// A rejection has its texts in itself, so that remembering one allocates nothing.
type rejection struct {
	at            int64 // ns of Unix time
	size, targets int
	reason        wire.Reason
	lengths       [3]uint8
	sender        [64]byte
	request       [128]byte
	subject       [192]byte
}

// Note remembers what a finding says. It does not block.
func (q *Rejections) Note(f *pipeline.Finding) {
	if q == nil {
		return
	}
	subject := f.Subject
	if f.Targets > 0 {
		subject = f.Target
	}
	sender, request := spelledOut(f.Sender), spelledOut(f.Request)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ring == nil {
		q.ring = make([]rejection, q.most)
	}
	r := &q.ring[q.n%q.most]
	q.n++
	r.at, r.size, r.targets, r.reason = f.Received.UnixNano(), f.Size, f.Targets, f.Reason
	r.lengths = [3]uint8{
		uint8(copy(r.sender[:], sender)), uint8(copy(r.request[:], request)), uint8(copy(r.subject[:], subject)),
	}
}

// spelledOut returns a text without escapes, because somebody may ask for it. What is so long that
// it is clipped stays as it is.
func spelledOut(text []byte) []byte {
	const longestEscape = len(`\u0000`)
	if len(text) > longestEscape*len(rejection{}.request) || !wire.Escaped(text) {
		return text
	}
	return wire.AppendResolved(nil, text)
}

// Latest returns at most n rejections, newest first, without saying whose they are.
func (q *Rejections) Latest(n int) (all []state.Rejection) {
	return q.latest(n, func(*rejection) bool { return true })
}

// Of returns the rejections of messages of one request, newest first.
func (q *Rejections) Of(id string) []state.Rejection {
	return q.latest(mostRejections, func(r *rejection) bool {
		return r.lengths[1] > 0 && string(r.request[:r.lengths[1]]) == id[:min(len(id), len(r.request))]
	})
}

func (q *Rejections) latest(n int, wanted func(*rejection) bool) (all []state.Rejection) {
	if q == nil {
		return nil
	}
	known := q.copy()
	for i := len(known) - 1; i >= 0 && len(all) < n; i-- {
		if r := &known[i]; wanted(r) {
			all = append(all, r.document())
		}
	}
	return all
}

// copy returns what is remembered, oldest first.
func (q *Rejections) copy() []rejection {
	all := make([]rejection, 0, q.most)
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := max(0, q.n-len(q.ring)); i < q.n; i++ {
		all = append(all, q.ring[i%q.most])
	}
	return all
}

func (r *rejection) document() state.Rejection {
	return state.Rejection{
		At: time.Unix(0, r.at).UTC(), Reason: r.reason.String(), Size: r.size, Targets: r.targets,
		Sender: string(r.sender[:r.lengths[0]]), Request: string(r.request[:r.lengths[1]]),
		Subject: string(r.subject[:r.lengths[2]]),
	}
}
