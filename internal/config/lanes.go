package config

import (
	"errors"
	"strconv"
)

// Lanes is a number of lanes, from 1 to MaxLanes, or LanesAuto. In YAML, variables and flags it is
// written as a number or as auto.
type Lanes int

const (
	// LanesAuto makes the relay choose: one lane for replies, and for requests as many as the
	// number of nodes asks for.
	LanesAuto Lanes = 0
	// MaxLanes is the largest number that can be set.
	MaxLanes Lanes = 64
)

// ParseLanes reads auto or a number. Whether the number is in range is for Validate to say.
func ParseLanes(text string) (Lanes, error) {
	if text == LanesAuto.String() {
		return LanesAuto, nil
	}
	n, err := parseInt(text)
	if err != nil || n == int64(LanesAuto) || int64(Lanes(n)) != n {
		return 0, errors.New("want auto, or a number from 1 to 64")
	}
	return Lanes(n), nil
}

func (n Lanes) String() string {
	if n == LanesAuto {
		return "auto"
	}
	return strconv.Itoa(int(n))
}

// MarshalYAML writes what ParseLanes reads.
func (n Lanes) MarshalYAML() (any, error) {
	if n == LanesAuto {
		return n.String(), nil
	}
	return int(n), nil
}

func (v *validator) lanes(n Lanes) {
	if n != LanesAuto && (n < 1 || n > MaxLanes) {
		v.add("pipeline.lanes", "%s is out of range; want auto, or 1 to %s", n, MaxLanes)
	}
}
