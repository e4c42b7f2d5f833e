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

// matchShape appends the numbers of text to numbers if it is of a shape. It may also find a text to
// be of a shape that shapeOf would not give: only what comes back counts.
func matchShape(shape, text []byte, numbers []uint64) (_ []uint64, ok bool) {
	for i := 0; i < len(shape); i++ {
		switch c := shape[i]; c {
		case placeNumber:
			n := digits(text)
			if n == 0 || text[0] == '0' && n > 1 {
				return numbers, false
			}
			numbers = append(numbers, parseDecimal(text[:n]))
			text = text[n:]
		case placeFixed, placeHex:
			i++
			n := int(shape[i])
			if n > len(text) {
				return numbers, false
			}
			v, ok := uint64(0), false
			if c == placeHex {
				v, ok = parseHex(text[:n])
			} else if ok = digits(text[:n]) == n; ok {
				v = parseDecimal(text[:n])
			}
			if !ok {
				return numbers, false
			}
			numbers = append(numbers, v)
			text = text[n:]
		default:
			if len(text) == 0 || text[0] != c {
				return numbers, false
			}
			text = text[1:]
		}
	}
	return numbers, len(text) == 0
}

// appendPlace appends the digits of v, at a place of the kind c with n digits. ok is false if v has
// too many.
func appendPlace(dst []byte, c byte, n int, v uint64) (_ []byte, ok bool) {
	const digits = "0123456789abcdef"
	var b [20]byte
	i := len(b)
	if c == placeHex {
		for range n {
			i--
			b[i] = digits[v&15]
			v >>= 4
		}
		return append(dst, b[i:]...), v == 0
	}
	for ; v > 0 || i > len(b)-max(1, n); v /= 10 {
		i--
		b[i] = digits[v%10]
	}
	return append(dst, b[i:]...), n == 0 || i == len(b)-n
}
