package wan

import (
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/line"
)

// A Cell is a line to measure on.
type Cell struct {
	RoundTrip time.Duration
	Mbit      int64 // a second, each way; 0: no limit
}

// Cells are the matrix. The first one is what the goals for bytes are judged on.
func Cells() (all []Cell) {
	all = []Cell{{100 * time.Millisecond, 100}}
	for _, trip := range []time.Duration{20, 100, 250} {
		for _, mbit := range []int64{10, 100, 1000} {
			if c := (Cell{trip * time.Millisecond, mbit}); c != all[0] {
				all = append(all, c)
			}
		}
	}
	return append(all, shortLine)
}

// shortLine is where an edge has nothing to win.
var shortLine = Cell{time.Millisecond, 1000}

// Name is short, and without spaces.
func (c Cell) Name() string { return fmt.Sprintf("%s-%dM", c.RoundTrip, c.Mbit) }

func (c Cell) String() string { return fmt.Sprintf("%s, %d Mbit/s", c.RoundTrip, c.Mbit) }

func (c Cell) shape() line.Shape {
	return line.Shape{RoundTrip: c.RoundTrip, Rate: c.Mbit * 1_000_000, Window: line.LinuxWindow}
}
