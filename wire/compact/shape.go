package compact

// A shape is a text with places in it where other texts have other numbers: all of
// web1.ldn to web9999.ldn are of the shape "web" number ".ldn". In the format it is a text in which
// a byte below 4 says what kind of number is there. Behind placeFixed and placeHex is a byte with
// the number of digits.
const (
	placeNumber = 1 // decimal digits without a zero in front
	placeFixed  = 2 // so many decimal digits
	placeHex    = 3 // so many hexadecimal digits, in lower case
)

const (
	maxPlaces  = 12 // of a shape
	maxDecimal = 19 // digits of a number: all of them are below 2^64
	maxHex     = 16
	minHex     = 8 // with fewer digits, what looks hexadecimal is taken for text and decimals
)

// A shaper finds the shape of one text.
type shaper struct {
	shape   []byte
	numbers []uint64
	ok      bool // it has not too many places, and no bytes that a shape cannot have
}

// find makes shape that of text, and numbers the numbers that text has in its places.
func (s *shaper) find(text []byte) {
	s.shape, s.numbers, s.ok = s.shape[:0], s.numbers[:0], true
	inHex := false // the run of hexadecimal digits that we are in has been looked at
	for len(text) > 0 && s.ok {
		class := classes[text[0]]
		n := 1
		switch {
		case class&classHex != 0 && !inHex && hexRun(text) > 0:
			n = hexRun(text)
			s.hex(text[:n])
		case class&classDigit != 0:
			n = digits(text)
			s.decimal(text[:n])
		default:
			s.ok = class&classControl == 0
			s.shape = append(s.shape, text[0])
		}
		inHex = class&classHex != 0
		text = text[n:]
	}
}

func (s *shaper) hex(text []byte) {
	for len(text) > 0 {
		n := min(len(text), maxHex)
		v, _ := parseHex(text[:n])
		s.shape = append(s.shape, placeHex, byte(n))
		s.add(v)
		text = text[n:]
	}
}

func (s *shaper) decimal(text []byte) {
	if text[0] == '0' && len(text) > 1 {
		s.shape = append(s.shape, placeFixed, byte(len(text)))
	} else {
		s.shape = append(s.shape, placeNumber)
	}
	s.add(parseDecimal(text))
}

func (s *shaper) add(v uint64) {
	s.numbers = append(s.numbers, v)
	s.ok = s.ok && len(s.numbers) <= maxPlaces
}

const (
	classDigit = 1 << iota
	classHex
	classControl
)

var classes = func() (c [256]byte) {
	for i := range ' ' {
		c[i] = classControl
	}
	for i := byte('0'); i <= '9'; i++ {
		c[i] = classDigit | classHex
	}
	for i := byte('a'); i <= 'f'; i++ {
		c[i] = classHex
	}
	return c
}()

// hexRun returns how many hexadecimal digits text begins with, or 0 if they are few, or all
// decimal, or no decimal.
func hexRun(text []byte) int {
	n, all, some := 0, byte(classDigit), byte(0)
	for n < len(text) && classes[text[n]]&classHex != 0 {
		all &= classes[text[n]]
		some |= classes[text[n]]
		n++
	}
	if n < minHex || all&classDigit != 0 || some&classDigit == 0 {
		return 0
	}
	return n
}

// digits returns how many decimal digits text begins with, but no more than fit in a number.
func digits(text []byte) int {
	n := 0
	for n < len(text) && n < maxDecimal && text[n]-'0' <= 9 {
		n++
	}
	return n
}

func parseDecimal(text []byte) (v uint64) {
	for _, c := range text {
		v = v*10 + uint64(c-'0')
	}
	return v
}

// parseHex returns the number that hexadecimal digits in lower case are. ok is false for others.
func parseHex(text []byte) (v uint64, ok bool) {
	for _, c := range text {
		if classes[c]&classHex == 0 {
			return 0, false
		}
		v = v<<4 | uint64(c&15+c>>6*9)
	}
	return v, true
}

// A place is a place of a shape, with the text in front of it.
type place struct {
	before []byte
	kind   byte // placeNumber, placeFixed, placeHex
	digits int  // 0 for placeNumber
}

// nextPlace cuts a shape behind its first place. ok is false if it is none. Without a place, rest
// is all of it and p.kind is 0.
func nextPlace(shape []byte) (p place, rest []byte, ok bool) {
	n := 0
	for n < len(shape) && (shape[n] == 0 || shape[n] > placeHex) {
		n++
	}
	if n == len(shape) {
		return place{}, shape, true
	}
	p = place{before: shape[:n], kind: shape[n]}
	if p.kind == placeNumber {
		return p, shape[n+1:], true
	}
	if n+1 == len(shape) {
		return place{}, nil, false
	}
	p.digits = int(shape[n+1])
	most := maxDecimal
	if p.kind == placeHex {
		most = maxHex
	}
	return p, shape[n+2:], 1 <= p.digits && p.digits <= most
}

// match cuts text behind what a place has there, and returns the number.
func (p *place) match(text []byte) (v uint64, rest []byte, ok bool) {
	n := len(p.before)
	if len(text) < n || string(text[:n]) != string(p.before) {
		return 0, nil, false
	}
	text = text[n:]
	switch n = p.digits; p.kind {
	case placeNumber:
		n = digits(text)
		ok = n > 0 && (n == 1 || text[0] != '0')
	case placeFixed:
		ok = len(text) >= n && digits(text[:n]) == n
	default:
		if ok = len(text) >= n; ok {
			v, ok = parseHex(text[:n])
		}
		if ok {
			return v, text[n:], true
		}
	}
	if !ok {
		return 0, nil, false
	}
	return parseDecimal(text[:n]), text[n:], true
}

// append appends what stands before a place, and the digits of v. ok is false if v has too many.
func (p *place) append(dst []byte, v uint64) (_ []byte, ok bool) {
	const digits = "0123456789abcdef"
	var b [20]byte
	i := len(b)
	dst = append(dst, p.before...)
	if p.kind == placeHex {
		for range p.digits {
			i--
			b[i] = digits[v&15]
			v >>= 4
		}
		return append(dst, b[i:]...), v == 0
	}
	for ; v > 0 || i > len(b)-max(1, p.digits); v /= 10 {
		i--
		b[i] = digits[v%10]
	}
	return append(dst, b[i:]...), p.digits == 0 || i == len(b)-p.digits
}
