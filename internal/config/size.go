package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes. In YAML, variables and flags it may carry a unit: 262144, 256KiB,
// 64MiB, 1GiB, or the decimal kB, MB, GB. KiB is 1024 bytes, kB is 1000. Letter case does not
// matter in units.
type Size int64

// Sizes in bytes.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
	TiB Size = 1 << 40
)

type unit struct {
	name  string
	bytes Size
}

func binaryUnits() []unit {
	return []unit{{"TiB", TiB}, {"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}}
}

func decimalUnits() []unit {
	return []unit{{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1}}
}

// ParseSize reads a whole number of bytes with an optional unit.
func ParseSize(text string) (Size, error) {
	digits, per := splitUnit(strings.TrimSpace(text))
	n, err := parseInt(digits)
	if err != nil || n < 0 {
		return 0, errors.New("want a size such as 262144, 256KiB or 64MiB")
	}
	if n > math.MaxInt64/int64(per) {
		return 0, errors.New("is too large for a size")
	}
	return Size(n) * per, nil
}

func splitUnit(text string) (digits string, per Size) {
	for _, u := range append(binaryUnits(), decimalUnits()...) {
		if len(text) > len(u.name) && strings.EqualFold(text[len(text)-len(u.name):], u.name) {
			return strings.TrimSpace(text[:len(text)-len(u.name)]), u.bytes
		}
	}
	return text, 1
}

// String gives the shortest exact form: 256KiB, never 0.25MiB.
func (s Size) String() string {
	for _, u := range binaryUnits() {
		if s != 0 && s%u.bytes == 0 {
			return strconv.FormatInt(int64(s/u.bytes), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// MarshalYAML writes what ParseSize reads.
func (s Size) MarshalYAML() (any, error) { return s.String(), nil }

// parseInt reads a decimal number; single underscores between digits are allowed, as in 50_000.
func parseInt(text string) (int64, error) {
	if strings.Trim(text, "_") != text || strings.Contains(text, "__") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
}
