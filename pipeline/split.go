package pipeline

import (
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/fedrelay/fedrelay/wire"
)

// A splitter sorts the subjects of one message by lane. The dealer owns it.
type splitter struct {
	lanes    []uint16    // of each subject
	unsorted []wire.Span // the subjects as the router gave them
	ends     []int       // by lane: where its subjects end in the sorted list
}

// split puts m, the last message of the cargo, into the egresses of the lanes of its subjects.
func (d *dealer) split(m OutgoingMessage) {
	subjects := d.cargo.subjects[m.subjects.Off:]
	switch {
	case len(d.lanes) > 1 && len(subjects) > 1:
		d.splitAmong(m, subjects)
	case len(d.lanes) > 1:
		d.add(d.laneOf(subjects[0]), m)
	default:
		if d.CountSubjects {
			d.count(subjects)
		}
		d.add(0, m)
	}
}

// count enters subjects of the cargo in the census.
func (d *dealer) count(subjects []wire.Span) {
	text, generation := d.cargo.batchBuffer.B, d.census.now()
	for _, subject := range subjects {
		generation.set(maphash.Bytes(hashSeed, subject.Of(text)))
	}
}

// splitAmong is split for several lanes and several subjects.
func (d *dealer) splitAmong(m OutgoingMessage, subjects []wire.Span) {
	first, begin := m.subjects.Off, 0
	for lane, end := range d.sort(subjects) {
		if end > begin {
			m.subjects = wire.Span{Off: first + uint32(begin), Len: uint32(end - begin)}
			d.add(lane, m)
			begin = end
		}
	}
}

// sort sorts subjects by lane. Subjects of one lane keep their order. It returns where those of
// each lane end; the result is valid until the next call.
func (d *dealer) sort(subjects []wire.Span) (ends []int) {
	s := &d.splitter
	s.lanes = slices.Grow(recycle(s.lanes), len(subjects))
	s.unsorted = append(recycle(s.unsorted), subjects...)
	clear(s.ends)
	for _, subject := range s.unsorted {
		lane := d.laneOf(subject)
		s.lanes = append(s.lanes, uint16(lane))
		s.ends[lane]++
	}
	begin := 0
	for lane, n := range s.ends {
		s.ends[lane], begin = begin, begin+n
	}
	for i, subject := range s.unsorted {
		place := &s.ends[s.lanes[i]]
		subjects[*place] = subject
		*place++
	}
	return s.ends
}

// laneOf returns the lane of a subject of the cargo. It uses the highest bits of the hash, and the
// census the lowest ones.
func (d *dealer) laneOf(subject wire.Span) int {
	lane, _ := bits.Mul64(d.hashOf(subject), uint64(len(d.lanes)))
	return int(lane)
}

// hashOf returns the hash of a subject of the cargo, and enters it in the census.
func (d *dealer) hashOf(subject wire.Span) uint64 {
	hash := maphash.Bytes(hashSeed, subject.Of(d.cargo.batchBuffer.B))
	if d.CountSubjects {
		d.census.now().set(hash)
	}
	return hash
}
