package web

import (
	"bytes"
	"maps"
	"time"
)

const (
	// gridsPerSample is how often the watched grids are read for each time that all else is.
	gridsPerSample = 4
	// gridShare is the part of a CPU that reading grids may take: a request may have 50,000 nodes.
	gridShare = 0.005
)

const (
	partState = iota
	partRequests
	partRejections

	numParts
)

var partNames = [numParts]string{"state", "requests", "rejections"}

// A part is one of the things that browsers are told, as it is now.
type part struct {
	version uint64 // of event; 0 before the first
	data    []byte
	event   []byte
}

// sample reads the sources again and again until idle is closed.
func (h *hub) sample(idle <-chan struct{}) {
	ticker := time.NewTicker(h.every)
	defer ticker.Stop()
	var rested time.Time // when grids may be read again
	for n := 0; ; n++ {
		if n%gridsPerSample == 0 {
			h.update(h.read())
		}
		if began := time.Now(); began.After(rested) {
			h.updateGrids(idle)
			rested = began.Add(time.Duration(float64(time.Since(began)) / gridShare))
		}
		select {
		case <-idle:
			return
		case <-ticker.C:
		case <-h.wake:
			n = -1 // the new one has to be told all
		}
	}
}

func (h *hub) read() (data [numParts][]byte) {
	data[partState] = marshal(instances(h.sources))
	data[partRequests] = marshal(requests(h.sources))
	data[partRejections] = marshal(rejections(h.sources))
	return data
}

func (h *hub) update(data [numParts][]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range data {
		p := &h.parts[i]
		if p.version == 0 || !bytes.Equal(p.data, data[i]) {
			*p = part{version: p.version + 1, data: data[i], event: event(partNames[i], data[i])}
		}
	}
	h.tell()
}

// updateGrids reads the requests that are watched. The sources are asked without the lock: only one
// sampler at a time changes watches.
func (h *hub) updateGrids(idle <-chan struct{}) {
	for key, w := range h.watched(idle) {
		if !w.due() {
			continue
		}
		next, ok := w.read(h.sourcesOf(key.cluster))
		if !ok {
			continue
		}
		h.mu.Lock()
		w.grid = next
		h.tell()
		h.mu.Unlock()
	}
}

// watched returns a copy of what is watched, and nothing to a sampler that has ended: the next one
// may be there already.
func (h *hub) watched(idle <-chan struct{}) map[wanted]*watch {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.idle != idle {
		return nil
	}
	return maps.Clone(h.watches)
}
