package compact

// A listReader reads a list text by text. It keeps memory between lists.
type listReader struct {
	mode  byte
	same  []byte // the text of listSame
	like  int    // the position of the list of listLike
	count int    // texts left

	columns [3]columnReader // of listFront; the first one tells shapes
	rest    []byte          // bytes of listFront, listBase64 and listTokens
	size    int             // bytes of each text of listBase64 and listTokens
	last    []byte          // the text before, of listFront
	shapes  []shapeReader   // of listShapes
	places  []placeReader   // of all of them
}

// A shapeReader reads the numbers of the texts of one shape.
type shapeReader struct {
	text     []byte
	count    int // texts left
	from, to int // its places in those of the list
	end      []byte
}

// A placeReader is a place with its column.
type placeReader struct {
	place
	column columnReader
}

// A listReader keeps room for so many bytes, and for so many shapes and columns. There may be many.
const keptBytes, keptColumns = 4 << 10, 64

// trim gives up memory for more than that.
func (l *listReader) trim() {
	l.last = notAbove(l.last, keptBytes)
	l.shapes, l.places = notAbove(l.shapes, keptColumns), notAbove(l.places, keptColumns)
}

// open reads where the parts of a list of n texts are. before is how many lists come before it.
func (l *listReader) open(r *reader, n, before int) {
	mode := r.take(1)
	if r.bad {
		return
	}
	l.mode, l.count = mode[0], n
	switch l.mode {
	case listSame:
		l.same = r.bytes()
	case listLike:
		if l.like = r.count(before - 1); before == 0 {
			r.fail()
		}
	case listShapes:
		l.openShapes(r, n)
	case listBase64, listTokens:
		l.size = r.count(len(r.raw) / n)
		l.rest = r.takeRaw(l.size * n)
	case listFront:
		l.openFront(r, n)
	default:
		r.fail()
	}
}

func (l *listReader) openShapes(r *reader, n int) {
	shapes := r.count(min(n, maxColumns))
	l.shapes, l.places = l.shapes[:0], l.places[:0]
	for range shapes {
		l.shapes = append(l.shapes, shapeReader{text: r.bytes(), count: r.count(n)})
	}
	if r.columns += shapes; shapes == 0 {
		r.fail()
	}
	if shapes > 1 {
		l.columns[0].open(r, n)
	}
	for i := range l.shapes {
		l.openShape(r, &l.shapes[i])
	}
}

// openShape reads where the columns of a shape are.
func (l *listReader) openShape(r *reader, s *shapeReader) {
	s.from = len(l.places)
	p, rest, ok := nextPlace(s.text)
	for ok && p.kind != 0 && !r.bad {
		l.places = append(l.places, placeReader{place: p})
		l.places[len(l.places)-1].column.open(r, s.count)
		p, rest, ok = nextPlace(rest)
	}
	if s.to, s.end = len(l.places), rest; !ok {
		r.fail()
	}
}

func (l *listReader) openFront(r *reader, n int) {
	for k := range l.columns {
		l.columns[k].open(r, n)
	}
	// How many bytes the texts have of their own is the sum of the third column.
	own, sum := l.columns[2], 0
	for range n {
		v := own.read(r)
		if v > uint64(len(r.text)-sum) {
			r.fail()
			return
		}
		sum += int(v)
	}
	l.rest, l.last = r.take(sum), l.last[:0]
}

// read appends the next text to dst. Lists of listLike are their reader's business.
func (l *listReader) read(r *reader, dst []byte) []byte {
	if l.count--; l.count < 0 || r.bad {
		r.fail()
		return dst
	}
	switch l.mode {
	case listSame:
		return append(dst, l.same...)
	case listShapes:
		return l.readShape(r, dst)
	case listFront:
		return l.readFront(r, dst)
	}
	bytes := l.rest[:l.size]
	l.rest = l.rest[l.size:]
	if l.mode == listTokens {
		return tokens.encode(dst, bytes)
	}
	return padded.encode(dst, bytes)
}

func (l *listReader) readFront(r *reader, dst []byte) []byte {
	before, after, own := l.columns[0].read(r), l.columns[1].read(r), l.columns[2].read(r)
	size := uint64(len(l.last))
	if before > size || after > size-before || own > uint64(len(l.rest)) {
		r.fail()
		return dst
	}
	from := len(dst)
	dst = append(dst, l.last[:before]...)
	dst = append(dst, l.rest[:own]...)
	dst = append(dst, l.last[size-after:]...)
	l.rest = l.rest[own:]
	l.last = append(l.last[:0], dst[from:]...)
	return dst
}

func (l *listReader) readShape(r *reader, dst []byte) []byte {
	at := uint64(0)
	if len(l.shapes) > 1 {
		at = l.columns[0].read(r)
	}
	if at >= uint64(len(l.shapes)) || r.bad {
		r.fail()
		return dst
	}
	s := &l.shapes[at]
	if s.count--; s.count < 0 {
		r.fail()
		return dst
	}
	for i := s.from; i < s.to; i++ {
		p, ok := &l.places[i], false
		if dst, ok = p.append(dst, p.column.read(r)); !ok {
			r.fail()
			return dst
		}
	}
	return append(dst, s.end...)
}
