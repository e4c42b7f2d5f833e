package compact

import (
	"bytes"
	"hash/maphash"
)

// A shapeTable holds the shapes of a list, in the order in which they come up.
type shapeTable struct {
	shapes []shape // those behind the length keep their memory
	index  map[uint64]int
	seed   maphash.Seed
	hint   int
}

// A shape is one shape of a list, with the numbers that its texts have at its places.
type shape struct {
	text    []byte
	count   int     // of texts
	places  []place // in text
	end     []byte  // what is behind the last place
	columns [maxPlaces][]uint64
}

// match appends the numbers of text to numbers if it is of this shape. It may also find a text to
// be of a shape that a shaper would not give: only what comes back counts.
func (s *shape) match(text []byte, numbers []uint64) (_ []uint64, ok bool) {
	for i := range s.places {
		var v uint64
		if v, text, ok = s.places[i].match(text); !ok {
			return numbers, false
		}
		numbers = append(numbers, v)
	}
	return numbers, string(text) == string(s.end)
}

// keptShapes and keptNumbers are how many a shapeTable keeps memory for.
const keptShapes, keptNumbers = 1 << 10, 1 << 19

func (t *shapeTable) reset() {
	if cap(t.shapes) > keptShapes || t.room() > keptNumbers {
		t.shapes, t.index = nil, nil
	}
	if t.index == nil {
		t.index, t.seed = map[uint64]int{}, maphash.MakeSeed()
	}
	clear(t.index)
	t.shapes, t.hint = t.shapes[:0], 0
}

// room returns how many numbers all columns have room for, those behind the length too.
func (t *shapeTable) room() (n int) {
	all := t.shapes[:cap(t.shapes)]
	for i := range all {
		for k := range all[i].columns {
			n += cap(all[i].columns[k])
		}
	}
	return n
}

// find returns the position of a shape, which it adds if it is new.
func (t *shapeTable) find(text []byte) int {
	h := maphash.Bytes(t.seed, text)
	if i, ok := t.index[h]; ok && bytes.Equal(t.shapes[i].text, text) {
		return i
	}
	i := len(t.shapes)
	if i < cap(t.shapes) {
		t.shapes = t.shapes[:i+1]
	} else {
		t.shapes = append(t.shapes, shape{})
	}
	t.shapes[i].set(text)
	t.index[h] = i
	return i
}

func (s *shape) set(text []byte) {
	s.text, s.count = append(s.text[:0], text...), 0
	s.places = s.places[:0]
	p, rest, _ := nextPlace(s.text)
	for p.kind != 0 {
		s.columns[len(s.places)] = s.columns[len(s.places)][:0]
		s.places = append(s.places, p)
		p, rest, _ = nextPlace(rest)
	}
	s.end = rest
}

// shaped appends texts as shapes and numbers. It reports false, and appends nothing, if they have
// too little in common, or would get longer.
func (l *lister) shaped(w *writer, t texts) bool {
	l.shapes.reset()
	l.values = l.values[:0]
	for i := range t.places {
		at, ok := l.shape(t.at(i))
		if !ok || len(l.shapes.shapes) > 8+i/4 {
			return false
		}
		s := &l.shapes.shapes[at]
		for k, v := range l.numbers {
			s.columns[k] = append(s.columns[k], v)
		}
		s.count++
		l.values = append(l.values, uint64(at))
	}
	if w.columns+l.shapes.size() > maxColumns/2 {
		return false
	}
	text, raw := len(w.text), len(w.raw)
	l.writeShapes(w)
	if len(w.text)+len(w.raw)-text-raw > t.size()+len(t.places) {
		w.text, w.raw = w.text[:text], w.raw[:raw]
		return false
	}
	return true
}

// shape finds the shape of a text, and leaves its numbers in l.numbers.
func (l *lister) shape(text []byte) (at int, ok bool) {
	t := &l.shapes
	if len(t.shapes) > 0 {
		if l.numbers, ok = t.shapes[t.hint].match(text, l.numbers[:0]); ok {
			return t.hint, true
		}
	}
	l.shaper.find(text)
	if !l.shaper.ok {
		return 0, false
	}
	l.numbers = append(l.numbers[:0], l.shaper.numbers...)
	t.hint = t.find(l.shaper.shape)
	return t.hint, true
}

// size returns how many columns and shapes there are.
func (t *shapeTable) size() (n int) {
	for i := range t.shapes {
		n += 1 + len(t.shapes[i].places)
	}
	return n
}

func (l *lister) writeShapes(w *writer) {
	w.text = append(w.text, listShapes)
	shapes := l.shapes.shapes
	w.columns += len(shapes)
	w.count(len(shapes))
	for i := range shapes {
		w.bytes(shapes[i].text)
		w.count(shapes[i].count)
	}
	if len(shapes) > 1 {
		w.column(l.values)
	}
	for i := range shapes {
		for k := range shapes[i].places {
			w.column(shapes[i].columns[k])
		}
	}
}
