package trial

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// family is a process and its descendants, as far as they are alive.
func family(pid int) []int {
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", all[i]))
		for _, list := range lists {
			content, _ := os.ReadFile(list)
			for _, child := range strings.Fields(string(content)) {
				if n, err := strconv.Atoi(child); err == nil {
					all = append(all, n)
				}
			}
		}
	}
	return all
}

// cpuTime is what the living threads of a process and its descendants have used.
func cpuTime(pid int) (sum time.Duration) {
	for _, p := range family(pid) {
		sum += threadsTime(p)
	}
	return sum
}

// threadsTime is that of one process. The kernel counts it in nanoseconds.
func threadsTime(pid int) (sum time.Duration) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, task := range tasks {
		content, _ := os.ReadFile(task)
		used, _, _ := strings.Cut(string(content), " ")
		if n, err := strconv.ParseInt(used, 10, 64); err == nil {
			sum += time.Duration(n)
		}
	}
	return sum
}

// peakMemory is the most that a process and its descendants had resident, in bytes.
func peakMemory(pid int) (sum int64) {
	for _, p := range family(pid) {
		content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p))
		_, rest, _ := strings.Cut(string(content), "VmHWM:")
		if fields := strings.Fields(rest); len(fields) > 0 {
			kib, _ := strconv.ParseInt(fields[0], 10, 64)
			sum += kib << 10
		}
	}
	return sum
}
