package line

import (
	"syscall"
	"time"
)

// nap sleeps as exactly as the kernel can. Timers of the Go runtime can be a millisecond late in a
// process with nothing to do.
func nap(d time.Duration) {
	t := syscall.NsecToTimespec(d.Nanoseconds())
	_ = syscall.Nanosleep(&t, nil) // may end early, on a signal
}
