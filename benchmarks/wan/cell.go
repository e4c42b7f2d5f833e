package wan

import (
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/line"
)

// A Cell is a line to measure on.
type Cell struct {
	RoundTrip time.Duration
	Mbit      int64   // a second, each way; 0: no limit
	Loss      float64 // share of packets
}

// Cells are the matrix. The first one is what the goals for bytes are judged on.
func Cells() (all []Cell) {
	all = []Cell{{RoundTrip: 100 * time.Millisecond, Mbit: 100}}
	for _, trip := range []time.Duration{20, 100, 250} {
		for _, mbit := range []int64{10, 100, 1000} {
			if c := (Cell{RoundTrip: trip * time.Millisecond, Mbit: mbit}); c != all[0] {
				all = append(all, c)
			}
		}
	}
	return append(all, lossyLine, shortLine)
}

var (
	// shortLine is where an edge has nothing to win.
	shortLine = Cell{RoundTrip: time.Millisecond, Mbit: 1000}
	// lossyLine loses one packet of a thousand. Version 2 is left out there, to save time.
	lossyLine = Cell{RoundTrip: 100 * time.Millisecond, Mbit: 100, Loss: 0.001}
)

// Name is short, and without spaces.
func (c Cell) Name() string {
	name := fmt.Sprintf("%s-%dM", c.RoundTrip, c.Mbit)
	if c.Loss > 0 {
		name += "-lossy"
	}
	return name
}

func (c Cell) String() string {
	text := fmt.Sprintf("%s, %d Mbit/s", c.RoundTrip, c.Mbit)
	if c.Loss > 0 {
		text += fmt.Sprintf(", %g %% lost", 100*c.Loss)
	}
	return text
}

func (c Cell) shape() line.Shape {
	return line.Shape{RoundTrip: c.RoundTrip, Rate: c.Mbit * 1_000_000, Loss: c.Loss, Window: line.LinuxWindow}
}
