package trial

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/stat.
const tick = 10 * time.Millisecond

// An others finds out how much of the machine somebody else used meanwhile: what makes figures noisy.
type others struct {
	bed           *bed
	began         time.Time
	machine, ours time.Duration
}

func watchOthers(b *bed) *others {
	return &others{bed: b, began: time.Now(), machine: machineTime(), ours: b.ownTime()}
}

// share of all cores, from 0 to 1.
func (o *others) share() float64 {
	theirs := (machineTime() - o.machine) - (o.bed.ownTime() - o.ours)
	return max(0, float64(theirs)/float64(time.Since(o.began))/float64(runtime.NumCPU()))
}

// ownTime is what this process, the servers and the relay have used.
func (b *bed) ownTime() time.Duration { return threadsTime(os.Getpid()) + b.servers.cpu() + b.cpu() }

// machineTime is what the cores have not been idle, in this machine or for another one on the same hardware (stolen).
func machineTime() (busy time.Duration) {
	content, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(content), "\n")
	const idle, wait = 4, 5 // fields; the first is a name, the last two are counted in others
	for i, field := range strings.Fields(line) {
		if n, err := strconv.ParseInt(field, 10, 64); err == nil && i != idle && i != wait && i < 9 {
			busy += time.Duration(n) * tick
		}
	}
	return busy
}
