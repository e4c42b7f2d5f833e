package observe

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/fedrelay/fedrelay/internal/state"
)

// Whoever may subscribe to questions may answer them, with anything, under any number of names.
// Real documents have a few thousand bytes.
const (
	// mostKept is how many bytes are kept of a cluster, as far as others decide about them.
	mostKept = 64 << 20
	// A document has at most so many objects, sides, texts in a list, keys in a map.
	mostObjects = 1000
	mostSides   = 16
	mostTexts   = 200
	mostKeys    = 200
)

// excessive reports whether JSON has more objects than any document of ours. One of a few bytes
// would take hundreds.
func excessive(data []byte) bool { return bytes.Count(data, []byte("{")) > mostObjects }

// overgrown reports whether a document has more parts than any of ours.
func overgrown(i state.Instance) bool {
	for _, p := range []state.Path{i.Request, i.Reply} {
		if max(len(p.Rejected), len(p.Fates), len(p.Skipped)) > mostKeys {
			return true
		}
	}
	many := func(s state.Side) bool { return len(s.Expiry) > mostKeys }
	return len(i.Sides) > mostSides || max(len(i.Reasons), len(i.Warnings)) > mostTexts || slices.ContainsFunc(i.Sides, many)
}

// weigh counts what is kept of a member. If all together is too much, the largest are forgotten:
// they are not those of ours.
func (c *cluster) weigh(mb *member) {
	n := mb.size()
	c.bytes += n - mb.bytes
	mb.bytes = n
	if c.bytes <= c.most {
		return
	}
	bySize := slices.Clone(c.members)
	slices.SortFunc(bySize, func(a, b *member) int { return cmp.Compare(b.bytes, a.bytes) })
	leave, victims := c.bytes, map[*member]bool{}
	for _, mb := range bySize {
		if leave <= c.most/4*3 { // so that this is rare
			break
		}
		victims[mb] = true
		leave -= mb.bytes
	}
	c.evicted += int64(len(victims))
	c.forget(func(mb *member) bool { return victims[mb] })
}

// Sizes are about what the parts take in memory, in bytes.
const (
	memberSize = 1500
	sideSize   = 300
	entrySize  = 80
	textSize   = 16
	pointSize  = 120
)

func (mb *member) size() int {
	n := memberSize + len(mb.name) + instanceSize(mb.last) + statisticsSize(mb.statistics) +
		histogramSize(mb.request.latency) + histogramSize(mb.reply.latency)
	for _, p := range mb.window {
		n += pointSize + histogramSize(p.request) + histogramSize(p.reply)
	}
	return n
}

func instanceSize(i state.Instance) int {
	n := textsSize(i.Cluster, i.Identity, i.Version) + textsSize(i.Reasons...) + textsSize(i.Warnings...)
	for _, p := range []state.Path{i.Request, i.Reply} {
		n += mapSize(p.Rejected) + mapSize(p.Fates) + mapSize(p.Skipped) + histogramSize(p.Latency)
	}
	for _, s := range i.Sides {
		n += sideSize + textsSize(s.Name, s.URL, s.Server, s.NATSCluster, s.LastError, s.LastDenied) + mapSize(s.Expiry)
	}
	return n
}

func statisticsSize(s state.Statistics) int {
	return textsSize(s.Version, s.Cluster, s.Instance, s.Status, s.ConfigFile, s.Federation.ConnectedServer, s.Federation.Source,
		s.Collective.ConnectedServer, s.Collective.Source)
}

func textsSize(texts ...string) (n int) {
	for _, text := range texts {
		n += textSize + len(text)
	}
	return n
}

func mapSize[V any](m map[string]V) (n int) {
	for key := range m {
		n += entrySize + len(key)
	}
	return n
}

func histogramSize(h state.Histogram) int { return 8 * (cap(h.Bounds) + cap(h.Counts)) }
