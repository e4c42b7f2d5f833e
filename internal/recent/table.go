package recent

// A table finds records by the hash of a request id. It has a fixed number of slots, which are
// taken in turn, so a new record takes the place of the oldest one. Records are kept elsewhere, by
// the index of their slot.
//
// Ids are told apart by their hash alone. It has 64 bits and a random seed, so nobody can choose
// two ids with one hash.
type table struct {
	slots   []slot
	buckets []uint32 // index of the first slot with a hash, plus one
	marks   uint32   // how many have been given out
}

type slot struct {
	hash uint64
	mark uint32 // of the record; 0: there is none
	next uint32 // index of the next slot of the bucket, plus one
}

func newTable(records int) table {
	buckets := 1
	for buckets < records {
		buckets *= 2
	}
	return table{slots: make([]slot, records), buckets: make([]uint32, buckets)}
}

// find returns the index of the record with a hash, or -1.
func (t *table) find(hash uint64) int {
	if len(t.buckets) == 0 {
		return -1
	}
	i := t.buckets[hash&uint64(len(t.buckets)-1)]
	for i != 0 && t.slots[i-1].hash != hash {
		i = t.slots[i-1].next
	}
	return int(i) - 1
}

// add returns the index of a new record. The record that was there is forgotten.
func (t *table) add(hash uint64) int {
	t.marks++
	if t.marks == 0 {
		t.marks = 1 // 0 is no mark
	}
	i := int(t.marks) % len(t.slots)
	s := &t.slots[i]
	if s.mark != 0 {
		t.remove(i)
	}
	bucket := &t.buckets[hash&uint64(len(t.buckets)-1)]
	*s = slot{hash: hash, mark: t.marks, next: *bucket}
	*bucket = uint32(i) + 1
	return i
}

// remove takes the i-th slot out of its bucket.
func (t *table) remove(i int) {
	link := &t.buckets[t.slots[i].hash&uint64(len(t.buckets)-1)]
	for *link != uint32(i)+1 {
		link = &t.slots[*link-1].next
	}
	*link = t.slots[i].next
	t.slots[i] = slot{}
}

// marked returns the index of the record with a mark, or -1 if it is forgotten.
func (t *table) marked(mark uint32) int {
	if mark == 0 || len(t.slots) == 0 {
		return -1
	}
	if i := int(mark) % len(t.slots); t.slots[i].mark == mark {
		return i
	}
	return -1
}
