package natsio

import (
	"time"

	"golang.org/x/sys/unix"
)

// suspended is for how long the machine was suspended since its start: Go's clock stands still
// then.
func suspended() time.Duration {
	for {
		before := clock(unix.CLOCK_MONOTONIC)
		asleep := clock(unix.CLOCK_BOOTTIME) - before
		if clock(unix.CLOCK_MONOTONIC)-before < time.Millisecond { // else we were interrupted
			return asleep
		}
	}
}

func clock(id int32) time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(id, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
