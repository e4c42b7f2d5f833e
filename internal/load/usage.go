package load

import (
	"runtime"
	"syscall"
	"time"
)

// usage is the CPU time that this process used while it asked, and how long that took.
type usage struct {
	since     time.Time
	cpu, took time.Duration
}

func (u *usage) start() { u.since, u.cpu = time.Now(), ownCPU() }

func (u *usage) stop() { u.took, u.cpu = time.Since(u.since), ownCPU()-u.cpu }

// share is that of all CPU time of the machine, 0 to 1.
func (u *usage) share() float64 {
	if u.took <= 0 {
		return 0
	}
	return float64(u.cpu) / float64(u.took) / float64(runtime.NumCPU())
}

func ownCPU() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
