package recent

import (
	"cmp"
	"slices"

	"github.com/fedrelay/fedrelay/internal/state"
)

// A listed request is what a list is sorted by, and where its texts are.
type listed struct {
	first, last       int64 // ns of Unix time; last is that of a message or reply, 0 if unknown
	targets, replies  uint32
	asked             bool   // known by its messages, and not by replies only
	request, ofAnswer uint64 // heads of both records
}

// Latest returns the latest requests, at most n, newest first. A request may be known by its
// replies only. Texts are fetched for those that are returned: a page asks each second.
func (m *Memory) Latest(n int) []state.Summary {
	all := m.listed()
	slices.SortStableFunc(all, func(a, b listed) int {
		return cmp.Compare(max(b.first, b.last), max(a.first, a.last))
	})
	var latest []state.Summary
	for _, l := range all {
		if len(latest) >= n {
			break
		}
		id, sender := m.textsOf(l)
		if id == "" {
			continue // overwritten
		}
		latest = append(latest, state.Summary{
			ID: id, Sender: sender, First: timeOf(l.first), Last: timeOf(l.last),
			Targets: int64(l.targets), Replies: int64(l.replies),
		})
	}
	return latest
}

// listed returns all requests, in no order.
func (m *Memory) listed() (all []listed) {
	of := make(map[uint64]int) // index in all
	m.Requests.each(func(hash uint64, r *request) {
		of[hash] = len(all)
		all = append(all, listed{first: r.first, last: r.last, targets: r.targets, asked: true, request: r.head})
	})
	m.Replies.each(func(hash uint64, r *replies) {
		i, known := of[hash]
		if !known {
			i = len(all)
			all = append(all, listed{first: r.first})
		}
		l := &all[i]
		l.replies, l.last, l.ofAnswer = r.count, max(l.last, r.last), r.head
	})
	return all
}

// textsOf returns the id and the sender of a request. They are empty if they are overwritten.
func (m *Memory) textsOf(l listed) (id, sender string) {
	if l.asked {
		m.Requests.mu.Lock()
		defer m.Requests.mu.Unlock()
		return headOf(&m.Requests.arena, l.request)
	}
	m.Replies.mu.Lock()
	defer m.Replies.mu.Unlock()
	id, _ = headOf(&m.Replies.arena, l.ofAnswer)
	return id, ""
}

// fewRecords is how many records are looked at while a mutex is held.
const fewRecords = 64

// each calls f with each request.
func (q *Requests) each(f func(hash uint64, r *request)) {
	if q == nil {
		return
	}
	var some []found[request]
	for from := 0; from < q.records; from += fewRecords {
		some = q.some(some[:0], from)
		for i := range some {
			f(some[i].hash, &some[i].record)
		}
	}
}

// A found record is a copy of one.
type found[T any] struct {
	hash   uint64
	record T
}

// some appends some requests.
func (q *Requests) some(all []found[request], from int) []found[request] {
	q.mu.Lock()
	defer q.mu.Unlock()
	return foundIn(all, &q.table, q.all, from)
}

// each calls f with the replies to each request.
func (q *Replies) each(f func(hash uint64, r *replies)) {
	if q == nil {
		return
	}
	var some []found[replies]
	for from := 0; from < q.records; from += fewRecords {
		some = q.some(some[:0], from)
		for i := range some {
			f(some[i].hash, &some[i].record)
		}
	}
}

// some appends the replies to some requests.
func (q *Replies) some(all []found[replies], from int) []found[replies] {
	q.mu.Lock()
	defer q.mu.Unlock()
	return foundIn(all, &q.table, q.all, from)
}

// foundIn appends copies of the records in use from a slot on, of fewRecords slots.
func foundIn[T any](all []found[T], t *table, records []T, from int) []found[T] {
	for i := from; i < min(from+fewRecords, len(records)); i++ {
		if s := t.slots[i]; s.mark != 0 {
			all = append(all, found[T]{s.hash, records[i]})
		}
	}
	return all
}

// headOf returns texts of the first piece of a request, if it is kept.
func headOf(a *arena, head uint64) (id, sender string) {
	if !a.kept(head) {
		return "", ""
	}
	_, _, data := a.get(head)
	ofID, ofSender, _ := takeHead(data)
	return string(ofID), string(ofSender)
}
