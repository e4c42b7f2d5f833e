package observe

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// Snapshot returns what is known now.
func (m *Model) Snapshot() Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Snapshot{Schema: Schema, At: m.now().UTC(), Connection: m.connection}
	for _, c := range m.clusters {
		s.Clusters = append(s.Clusters, c.read(m.now(), m.interval, m.connection))
	}
	return s
}

func (c *cluster) read(now time.Time, interval time.Duration, conn Connection) Cluster {
	doc := Cluster{Cluster: c.name, Members: []Member{}, History: slices.Clone(c.history)}
	var all, recent [2]state.Histogram
	for _, mb := range c.members {
		if c.replaced(mb) {
			continue
		}
		read := mb.read(now, interval)
		doc.Members = append(doc.Members, read)
		doc.Request.add(read.Request)
		doc.Reply.add(read.Reply)
		if read.Silent > 0 {
			continue
		}
		doc.Answering++
		request, reply := mb.recent()
		recent[0], recent[1] = recent[0].Add(request), recent[1].Add(reply)
		all[0], all[1] = all[0].Add(mb.last.Request.Latency), all[1].Add(mb.last.Reply.Latency)
	}
	doc.Request.Latency, doc.Reply.Latency = latency(all[0], recent[0]), latency(all[1], recent[1])
	doc.share()
	slices.SortStableFunc(doc.Members, func(a, b Member) int { return natural(a.Name, b.Name) })
	doc.Mute = c.mute(doc)
	doc.Advice = c.advice(doc, now, conn)
	return doc
}

func (mb *member) read(now time.Time, interval time.Duration) Member {
	d := Member{Name: mb.name, Kind: mb.kind, Started: mb.started, Heard: mb.heard.UTC()}
	d.Silent = mb.silent(now, interval).Seconds()
	if mb.kind == Broker {
		s := mb.statistics
		d.Version, d.Statistics = s.Version, &s
		d.Request = Flow{Received: s.Federation.Received, Sent: s.Collective.Sent, Queue: s.Federation.WorkQueue}
		d.Reply = Flow{Received: s.Collective.Received, Sent: s.Federation.Sent, Queue: s.Collective.WorkQueue}
	} else {
		i := mb.last
		d.Version, d.Instance = i.Version, &i
		request, reply := mb.recent()
		d.Request, d.Reply = flow(i.Request, request), flow(i.Reply, reply)
	}
	if d.Silent == 0 {
		d.Request.ReceivedRate, d.Request.SentRate = mb.request.received, mb.request.sent
		d.Reply.ReceivedRate, d.Reply.SentRate = mb.reply.received, mb.reply.sent
	}
	return d
}

func flow(p state.Path, recent state.Histogram) Flow {
	return Flow{
		Received: p.Received, Sent: p.Sent(), Latency: latency(p.Latency, recent),
		Queue: p.QueueMessages, QueueBytes: p.QueueBytes,
		Books: Books{
			Rejected: maps.Clone(p.Rejected), Copies: p.Copies, Fates: maps.Clone(p.Fates), InFlight: p.InFlight,
			Unaccounted: p.Unaccounted, Dropped: p.Dropped,
		},
	}
}

// latency returns the percentiles of the last seconds, or of all the time if nothing has come.
func latency(all, recent state.Histogram) Latency {
	l := Latency{Recent: recent.Count() > 0}
	if l.Recent {
		all = recent
	}
	l.Count, l.P50, l.P99 = all.Count(), all.Quantile(0.5), all.Quantile(0.99)
	return l
}

func (f *Flow) add(o Flow) {
	f.Received += o.Received
	f.Sent += o.Sent
	f.ReceivedRate += o.ReceivedRate
	f.SentRate += o.SentRate
	f.Queue += o.Queue
	f.QueueBytes += o.QueueBytes
	b := &f.Books
	b.Copies += o.Books.Copies
	b.InFlight += o.Books.InFlight
	b.Unaccounted += o.Books.Unaccounted
	b.Dropped += o.Books.Dropped
	b.Fates, b.Rejected = sum(b.Fates, o.Books.Fates), sum(b.Rejected, o.Books.Rejected)
}

func sum(a, b map[string]int64) map[string]int64 {
	if a == nil && len(b) > 0 {
		a = make(map[string]int64, len(b))
	}
	for k, n := range b {
		a[k] += n
	}
	return a
}

// share computes the part of each member in what all have counted.
func (c *Cluster) share() {
	for i := range c.Members {
		c.Members[i].Request.share(c.Request)
		c.Members[i].Reply.share(c.Reply)
	}
	c.Request.share(c.Request)
	c.Reply.share(c.Reply)
}

func (f *Flow) share(all Flow) {
	f.ReceivedPercent, f.SentPercent = percent(f.Received, all.Received), percent(f.Sent, all.Sent)
}

// percent of nothing is 0.
func percent(part, all int64) float64 {
	if all == 0 {
		return 0
	}
	return 100 * float64(part) / float64(all)
}

// natural compares names so that numbers in them count as such: 2 comes before 10.
func natural(a, b string) int {
	for a != "" && b != "" {
		x, y := leadingDigits(a), leadingDigits(b)
		if x != "" && y != "" {
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[len(x):], b[len(y):]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func leadingDigits(s string) string {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i]
}
