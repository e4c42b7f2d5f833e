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

// machineTime is what the cores have not been idle, for us or for others, of this machine or of one on the same hardware (stolen).
func machineTime() (busy time.Duration) {
	content, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(content), "\n")
	const idle, wait, guest = 4, 5, 9 // fields; the first is a name, guests are counted elsewhere, too
	for i, field := range strings.Fields(line) {
		if n, err := strconv.ParseInt(field, 10, 64); err == nil && i != idle && i != wait && i < guest {
			busy += time.Duration(n) * clockTick
		}
	}
	return busy
}

// othersShare is how much of all cores somebody else had, from 0 to 1: what makes figures noisy.
func othersShare(machine, ours, elapsed time.Duration) float64 {
	return max(0, float64(machine-ours)/float64(elapsed)/float64(runtime.NumCPU()))
}
