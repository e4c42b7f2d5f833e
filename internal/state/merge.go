package state

import (
	"cmp"
	"slices"
	"time"
)

// A Whole is what several instances together know of one request.
type Whole struct {
	Schema    int      `json:"schema"`
	ID        string   `json:"id"`
	Clusters  []string `json:"clusters"`
	Instances []string `json:"instances"` // identities of those that know the request

	Sender   string           `json:"sender,omitempty"`
	ReplyTo  string           `json:"reply_subject,omitempty"`
	First    time.Time        `json:"first,omitzero"` // when its first message came
	Last     time.Time        `json:"last,omitzero"`
	Messages int64            `json:"messages"`
	Targets  int64            `json:"targets"`          // that all messages name, in all clusters
	Copies   map[string]int64 `json:"copies,omitempty"` // by fate, and "in_flight"
	Skipped  map[string]int64 `json:"skipped,omitempty"`

	Replies    int64     `json:"replies"`
	FirstReply time.Time `json:"first_reply,omitzero"`
	LastReply  time.Time `json:"last_reply,omitzero"`

	Nodes    int      `json:"nodes"`             // that are known by name, each once
	Answered int      `json:"answered"`          // of these
	Missing  []string `json:"missing,omitempty"` // targets of these that have not
	Denied   []string `json:"denied,omitempty"`  // those of Missing that the server denied
	Others   int      `json:"others,omitempty"`  // that have answered and are not known by name

	// Forgotten says that an instance has lost names or marks: nodes may be left out of Missing, or
	// be there although they have answered.
	Forgotten bool `json:"forgotten,omitempty"`
	// DenialsForgotten says that the server may have denied more copies than Copies and Denied say:
	// confirmed and unconfirmed are at most so many then, and denied at least.
	DenialsForgotten bool `json:"denials_forgotten,omitempty"`

	Rejected []Rejection `json:"rejections,omitempty"` // oldest first
}

// Merge returns what all documents of one request say together. They are of different instances,
// and may be of different clusters: a client sends what it asks to all clusters, and each node is
// in one of them. So a node that answered through any instance has answered.
func Merge(all []Request) Whole {
	w := Whole{Schema: Schema, Copies: map[string]int64{}, Skipped: map[string]int64{}}
	for _, r := range all {
		w.add(r)
	}
	w.Clusters, w.Instances = distinct(w.Clusters), distinct(w.Instances)
	slices.SortStableFunc(w.Rejected, func(a, b Rejection) int { return a.At.Compare(b.At) })
	w.judge(all)
	return w
}

// add adds what can be summed up.
func (w *Whole) add(r Request) {
	w.ID = cmp.Or(w.ID, r.ID)
	w.Clusters = append(w.Clusters, r.Cluster)
	w.Instances = append(w.Instances, r.Identity)
	w.Sender, w.ReplyTo = cmp.Or(w.Sender, r.Sender), cmp.Or(w.ReplyTo, r.ReplyTo)
	w.First, w.Last = earlier(w.First, r.First), later(w.Last, r.Last)
	w.FirstReply, w.LastReply = earlier(w.FirstReply, r.FirstReply), later(w.LastReply, r.LastReply)
	w.Messages += r.Messages
	w.Targets += r.Targets
	w.Replies += r.Replies
	for fate, n := range r.Copies {
		w.Copies[fate] += n
	}
	for reason, n := range r.Skipped {
		w.Skipped[reason] += n
	}
	w.Forgotten = w.Forgotten || r.Forgotten
	w.DenialsForgotten = w.DenialsForgotten || r.DenialsForgotten
	w.Rejected = append(w.Rejected, r.Rejected...)
}

// judge says who has answered.
func (w *Whole) judge(all []Request) {
	named := make(map[uint32]bool)
	for _, n := range Nodes(all) {
		w.Nodes++
		named[n.mark] = true
		switch {
		case n.Answered:
			w.Answered++
			continue
		case n.Denied:
			w.Denied = append(w.Denied, n.Target)
		}
		w.Missing = append(w.Missing, n.Target)
	}
	others := make(map[uint32]bool)
	for _, r := range all {
		for _, m := range r.Answered {
			if !named[m] {
				others[m] = true
			}
		}
	}
	w.Others = len(others)
}

// MergeSummaries returns the lists of several instances as one, newest first, with each request
// once.
func MergeSummaries(all []Summary) (merged []Summary) {
	at := make(map[string]int)
	for _, s := range all {
		i, known := at[s.ID]
		if !known {
			at[s.ID] = len(merged)
			merged = append(merged, s)
			continue
		}
		m := &merged[i]
		m.Sender = cmp.Or(m.Sender, s.Sender)
		m.First, m.Last = earlier(m.First, s.First), later(m.Last, s.Last)
		m.Targets += s.Targets
		m.Replies += s.Replies
	}
	slices.SortStableFunc(merged, func(a, b Summary) int { return later(b.First, b.Last).Compare(later(a.First, a.Last)) })
	return merged
}

func distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// earlier returns the earlier time of two, of which either may be zero.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// later returns the later time of two, of which either may be zero.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
