package recent

import (
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// Latest returns the latest requests, at most n, newest first. A request may be known by its
// replies only.
func (m *Memory) Latest(n int) (all []state.Summary) {
	of := make(map[uint64]int) // index in all
	m.Requests.each(func(hash uint64, r *request, id, sender string) {
		of[hash] = len(all)
		all = append(all, state.Summary{
			ID: id, Sender: sender, First: timeOf(r.first), Last: timeOf(r.last), Targets: int64(r.targets),
		})
	})
	m.Replies.each(func(hash uint64, r *replies, id string) {
		i, known := of[hash]
		if !known {
			i = len(all)
			all = append(all, state.Summary{ID: id, First: timeOf(r.first)})
		}
		all[i].Replies = int64(r.count)
		if last := timeOf(r.last); last.After(all[i].Last) {
			all[i].Last = last
		}
	})
	all = slices.DeleteFunc(all, func(s state.Summary) bool { return s.ID == "" })
	slices.SortStableFunc(all, func(a, b state.Summary) int { return latest(b).Compare(latest(a)) })
	return all[:min(len(all), max(0, n))]
}

func latest(s state.Summary) time.Time {
	if s.Last.After(s.First) {
		return s.Last
	}
	return s.First
}

// fewRecords is how many records are looked at while a mutex is held.
const fewRecords = 64

// each calls f with each request. The texts are empty if they are overwritten.
func (q *Requests) each(f func(hash uint64, r *request, id, sender string)) {
	if q == nil {
		return
	}
	for from := 0; from < q.records; from += fewRecords {
		for _, x := range q.some(from) {
			f(x.hash, &x.record, x.id, x.sender)
		}
	}
}

// A found record is a copy of one, with its texts.
type found[T any] struct {
	hash       uint64
	record     T
	id, sender string
}

// some returns some requests.
func (q *Requests) some(from int) []found[request] {
	all := make([]found[request], 0, fewRecords)
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := from; i < min(from+fewRecords, len(q.all)); i++ {
		s, r := q.table.slots[i], q.all[i]
		if s.mark == 0 {
			continue
		}
		id, sender := headOf(&q.arena, r.head)
		all = append(all, found[request]{s.hash, r, id, sender})
	}
	return all
}

// each calls f with the replies to each request.
func (q *Replies) each(f func(hash uint64, r *replies, id string)) {
	if q == nil {
		return
	}
	for from := 0; from < q.records; from += fewRecords {
		for _, x := range q.some(from) {
			f(x.hash, &x.record, x.id)
		}
	}
}

// some returns the replies to some requests.
func (q *Replies) some(from int) []found[replies] {
	all := make([]found[replies], 0, fewRecords)
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := from; i < min(from+fewRecords, len(q.all)); i++ {
		s, r := q.table.slots[i], q.all[i]
		if s.mark == 0 {
			continue
		}
		id, _ := headOf(&q.arena, r.head)
		all = append(all, found[replies]{hash: s.hash, record: r, id: id})
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
