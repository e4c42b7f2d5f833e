package trial

import (
	"syscall"
	"time"
)

// nap sleeps as exactly as the kernel can. The runtime's timers are a millisecond late when nothing else goes on.
func nap(d time.Duration) {
	t := syscall.NsecToTimespec(d.Nanoseconds())
	_ = syscall.Nanosleep(&t, nil) // may end early, on a signal
}
