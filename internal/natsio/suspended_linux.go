package natsio

import (
	"time"

	"golang.org/x/sys/unix"
)

// suspended returns for how long the machine has been suspended since its start. Go's clock does
// not count that time.
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
