//go:build unix

package telemetry

import (
	"math"
	"syscall"
)

// maxDescriptors returns how many descriptors this process may have open.
func maxDescriptors() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxUint64
	}
	return uint64(limit.Cur) // signed on some systems
}
