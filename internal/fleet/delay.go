package fleet

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Delay is a distribution of the time a node takes to answer. The zero value is no time at all.
type Delay struct {
	kind delayKind
	a, b time.Duration // constant: a; uniform: a to b; lognormal: median a
	s    float64       // lognormal: standard deviation of the logarithm
}

type delayKind int

const (
	constant delayKind = iota
	uniform
	lognormal
)

// maxDelay limits the tail of a distribution.
const maxDelay = time.Hour

var errDelay = errors.New("want a time (20ms), uniform:5ms..50ms or lognormal:MEDIAN,SIGMA (lognormal:20ms,0.5)")

// ParseDelay reads "20ms", "constant:20ms", "uniform:5ms..50ms" and "lognormal:20ms,0.5". An empty
// text is no delay.
func ParseDelay(text string) (Delay, error) {
	kind, rest, named := strings.Cut(text, ":")
	if !named {
		kind, rest = "constant", text
	}
	var d Delay
	var err error
	switch kind {
	case "constant":
		d, err = parseConstant(rest)
	case "uniform":
		d, err = parseUniform(rest)
	case "lognormal":
		d, err = parseLognormal(rest)
	default:
		err = errDelay
	}
	if err != nil {
		return Delay{}, err
	}
	return d, d.check()
}

func parseConstant(text string) (d Delay, err error) {
	if text != "" {
		d.a, err = parseTime(text)
	}
	return d, err
}

func parseUniform(text string) (Delay, error) {
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		return Delay{}, errDelay
	}
	d := Delay{kind: uniform}
	var err1, err2 error
	d.a, err1 = parseTime(from)
	d.b, err2 = parseTime(to)
	return d, errors.Join(err1, err2)
}

func parseLognormal(text string) (Delay, error) {
	median, sigma, ok := strings.Cut(text, ",")
	if !ok {
		return Delay{}, errDelay
	}
	d := Delay{kind: lognormal}
	var err error
	if d.a, err = parseTime(median); err != nil {
		return Delay{}, err
	}
	if d.s, err = strconv.ParseFloat(strings.TrimSpace(sigma), 64); err != nil {
		return Delay{}, errDelay
	}
	return d, nil
}

func parseTime(text string) (time.Duration, error) {
	d, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil {
		return 0, errDelay
	}
	return d, nil
}

func (d Delay) check() error {
	switch {
	case d.a < 0 || d.a > maxDelay || d.b > maxDelay:
		return fmt.Errorf("want times from 0 to %s", maxDelay)
	case d.kind == uniform && d.b < d.a:
		return errors.New("want the lesser time first")
	case d.kind == lognormal && !(d.s >= 0 && d.s <= 5):
		return errors.New("want a sigma from 0 to 5")
	}
	return nil
}

// IsZero reports whether nodes answer at once.
func (d Delay) IsZero() bool { return d.kind == constant && d.a == 0 }

// String returns a text that ParseDelay reads.
func (d Delay) String() string {
	switch d.kind {
	case uniform:
		return fmt.Sprintf("uniform:%s..%s", d.a, d.b)
	case lognormal:
		return fmt.Sprintf("lognormal:%s,%g", d.a, d.s)
	}
	return d.a.String()
}

// MarshalText and UnmarshalText let a Delay travel as its String.
func (d Delay) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDelay reads.
func (d *Delay) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDelay(string(text))
	return err
}

// quantile is the value below which the share u of all delays is; 0 < u < 1.
func (d Delay) quantile(u float64) time.Duration {
	switch d.kind {
	case uniform:
		return d.a + time.Duration(u*float64(d.b-d.a))
	case lognormal:
		z := math.Sqrt2 * math.Erfinv(2*u-1)
		return time.Duration(min(float64(d.a)*math.Exp(d.s*z), float64(maxDelay)))
	}
	return d.a
}
