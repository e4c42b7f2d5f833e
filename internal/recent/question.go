package recent

import (
	"hash/maphash"
	"math"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/pipeline"
)

// Request returns what is known of a request, and false if that is nothing. Texts are as they came,
// clipped. Whose they are is left out.
func (m *Memory) Request(id string) (d state.Request, found bool) {
	d = state.Request{Schema: state.Schema, ID: id}
	asked := m.Requests.describe(&d)
	answered := m.Replies.describe(&d)
	for i, path := range m.Rejected {
		for _, r := range path.Of(id) {
			r.Path = pathNames[i]
			d.Rejected = append(d.Rejected, r)
		}
	}
	slices.SortStableFunc(d.Rejected, func(a, b state.Rejection) int { return a.At.Compare(b.At) })
	return d, asked || answered || len(d.Rejected) > 0
}

// pathNames are those of Memory.Rejected.
var pathNames = [...]string{"request", "reply"}

// Rejections returns the latest rejections of both paths, at most n, newest first.
func (m *Memory) Rejections(n int) (all []state.Rejection) {
	for i, path := range m.Rejected {
		for _, r := range path.Latest(n) {
			r.Path = pathNames[i]
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b state.Rejection) int { return b.At.Compare(a.At) })
	return all[:min(len(all), max(0, n))]
}

// describe adds what q knows of the request with the id in d.
func (q *Requests) describe(d *state.Request) bool {
	if q == nil {
		return false
	}
	r, found := q.read(d.ID)
	if !found {
		return false
	}
	text := q.texts(&r)
	d.Sender, d.ReplyTo = string(text.sender), string(text.replyTo)
	d.First, d.Last = timeOf(r.first), timeOf(r.last)
	d.Messages, d.Targets = int64(r.messages), int64(r.targets)
	d.Names, d.Skipped = namesIn(text.names), text.skipped
	d.Forgotten = r.forgotten || text.lost
	q.judge(d, &r)
	return true
}

// read returns a copy of the record of a request.
func (q *Requests) read(id string) (r request, found bool) {
	hash := maphash.String(q.seed, id)
	q.mu.Lock()
	defer q.mu.Unlock()
	i := q.table.find(hash)
	if i < 0 {
		return r, false
	}
	return q.all[i], true
}

// judge says what became of the copies. Of those that the server has answered for, it has denied
// as many as are named among the denials of that time. More of them may be denied if some of these
// denials are forgotten, or some names.
func (q *Requests) judge(d *state.Request, r *request) {
	until := r.settled
	if r.unsettled() > 0 {
		until = math.MaxInt64
	}
	times, complete := q.denials.between(r.first, until)
	denied := r.denied
	seen := make(map[string]bool)
	for _, name := range d.Names {
		hash := maphash.String(q.seed, name)
		if times[hash] > 0 {
			times[hash]--
			denied++
			if !seen[name] {
				seen[name] = true
				d.Denied = append(d.Denied, name)
			}
		}
	}
	for _, n := range times { // of other requests, or of names that are forgotten
		complete = complete && (n == 0 || !d.Forgotten)
	}
	d.Copies = make(map[string]int64)
	denied = min(denied, r.copies)
	for f := range pipeline.NumFates {
		n := r.fates[f]
		switch f {
		case pipeline.Confirmed:
			n = r.answered - min(denied, r.answered)
		case pipeline.Denied:
			n = denied
		case pipeline.Unconfirmed:
			n -= min(n, denied-min(denied, r.answered)) // denied before the connection ended
		}
		if n > 0 {
			d.Copies[f.String()] = int64(n)
		}
	}
	written := d.Copies[pipeline.Confirmed.String()] + d.Copies[pipeline.Unconfirmed.String()]
	d.DenialsForgotten = !complete && written > 0
	if n := r.unsettled(); n > 0 {
		d.Copies["in_flight"] = int64(n)
	}
}

// unsettled returns how many copies have no fate yet.
func (r *request) unsettled() uint32 {
	settled := r.answered
	for f, n := range r.fates {
		if pipeline.Fate(f) != pipeline.Skipped {
			settled += n
		}
	}
	return r.copies - min(settled, r.copies)
}

// describe adds what q knows of replies to the request with the id in d.
func (q *Replies) describe(d *state.Request) bool {
	if q == nil {
		return false
	}
	r, found := q.read(d.ID)
	if !found {
		return false
	}
	d.Replies, d.FirstReply, d.LastReply = int64(r.count), timeOf(r.first), timeOf(r.last)
	marks, lost := q.marksOf(&r)
	slices.Sort(marks)
	d.Answered = slices.Compact(marks)
	d.Forgotten = d.Forgotten || lost
	return true
}

func (q *Replies) read(id string) (r replies, found bool) {
	hash := maphash.String(q.seed, id)
	q.mu.Lock()
	defer q.mu.Unlock()
	i := q.table.find(hash)
	if i < 0 {
		return r, false
	}
	return q.all[i], true
}

// timeOf returns a time that was kept, which is zero if there was none.
func timeOf(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
