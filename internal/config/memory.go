package config

import "fmt"

// Memory is how much memory the process may use.
type Memory struct {
	// Bytes is the limit. It is 0 if there is none, or if none is known.
	Bytes Size
	// Source says who limits it, for example "the control group".
	Source string
}

const (
	// memoryAside is what a relay needs besides messages: the program, its connections, room for
	// the garbage collector.
	memoryAside = 16 * MiB
	// leastBytes and mostBytes bound what one path may hold by default.
	leastBytes, mostBytes = MiB, 64 * MiB
	// mostRecent and leastRecent bound the memory for recent requests by default.
	mostRecent, leastRecent = 8 * MiB, 256 * KiB
	// mostInbox is the most that may wait in an inbox by default, where the NATS library reads.
	mostInbox = 256 * MiB
)

// perPath returns how many bytes of messages each of all paths may hold with a limit of m. It
// is half of an equal share, because a message takes as much memory again while it is scanned, and
// its garbage stays for some time after that.
func (m Memory) perPath(paths int) Size {
	const times = 2
	return max(leastBytes, (m.Bytes-memoryAside)/Size(paths*times)) / MiB * MiB
}

// finishMemory keeps the memory of all paths below the limit of the process. There are two, or two
// for each cluster of an edge.
func (l *loader) finishMemory() {
	m, p := l.src.Memory, &l.config.Pipeline
	if m.Bytes == 0 {
		return
	}
	perPath := m.perPath(2 * max(1, len(l.config.Edge.Clusters)))
	l.fitMemory("pipeline.max_bytes", &p.MaxBytes, min(mostBytes, perPath))
	inbox := min(mostInbox, max(leastBytes, perPath/2))
	l.fitMemory("pipeline.inbox_bytes", &p.InboxBytes, inbox)
	l.fitMemory("recent.bytes", &l.config.Recent.Bytes, min(mostRecent, max(leastRecent, perPath/8)))
	// Reading a compact message takes up to four times what it expands to, beside max_bytes.
	l.fitMemory("limits.expanded_bytes", &l.config.Limits.ExpandedBytes, max(LeastExpanded, perPath/2))
}

// fitMemory makes fits the default of a setting, and warns if the setting has a larger value.
func (l *loader) fitMemory(key string, value *Size, fits Size) {
	m := l.src.Memory
	place, set := l.origins[key]
	switch {
	case !set && fits < *value:
		*value = fits
		l.origins[key] = Origin{Name: fmt.Sprintf("default: a part of the %s of %s", m.Bytes, m.Source)}
	case set && *value > fits:
		l.warn(place, key, fmt.Sprintf(
			"%s a path is more than the %s of %s allow; at most %s, or the process may be killed",
			value, m.Bytes, m.Source, fits))
	}
}
