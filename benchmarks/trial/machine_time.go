package trial

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of /proc/stat.
const clockTick = 10 * time.Millisecond

// machineTime is how long the cores were not idle, summed over cores: for us, for other programs,
// and for other virtual machines on the same hardware (stolen time).
func machineTime() (busy time.Duration) {
	content, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(content), "\n")
	// Fields. The first one is a name, and the time of guests is also part of another field.
	const idle, ioWait, guest = 4, 5, 9
	for i, field := range strings.Fields(line) {
		if n, err := strconv.ParseInt(field, 10, 64); err == nil && i != idle && i != ioWait && i < guest {
			busy += time.Duration(n) * clockTick
		}
	}
	return busy
}

// othersShare is how much of all cores others used, from 0 to 1. Figures are noisy when it is
// large.
func othersShare(machine, ours, elapsed time.Duration) float64 {
	return max(0, float64(machine-ours)/float64(elapsed)/float64(runtime.NumCPU()))
}
