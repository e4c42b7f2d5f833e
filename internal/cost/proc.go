package cost

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// onCPU is how long a thread has run. task is its directory in /proc.
func onCPU(task string) (time.Duration, bool) {
	text, err := os.ReadFile(filepath.Join(task, "schedstat"))
	if err != nil {
		return 0, false
	}
	ran, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseInt(ran, 10, 64)
	return time.Duration(n), err == nil
}

// switches counts how often a thread was switched away from, of its own will or not.
func switches(task string) (n int64, ok bool) {
	text, err := os.ReadFile(filepath.Join(task, "status"))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		if !strings.HasSuffix(name, "voluntary_ctxt_switches") { // and nonvoluntary
			continue
		}
		if v, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
			n += v
		}
	}
	return n, true
}

// resident is the memory of a process that is in RAM, in bytes.
func resident(pid int) int64 {
	text, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "statm"))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// highWater is the most memory that a process ever had in RAM, in bytes.
func highWater(pid int) int64 {
	text, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kib, _ := strconv.ParseInt(number, 10, 64) // 0 of a process without memory of its own
	return kib << 10
}

// connections counts the established TCP connections of a process, of both address families.
func connections(pid int) int {
	established := map[string]bool{}
	for _, family := range []string{"tcp", "tcp6"} {
		readEstablished(filepath.Join(proc, strconv.Itoa(pid), "net", family), established)
	}
	dir := filepath.Join(proc, strconv.Itoa(pid), "fd")
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	n := 0
	for _, f := range files {
		to, err := os.Readlink(filepath.Join(dir, f.Name()))
		if inode, ok := strings.CutPrefix(to, "socket:["); err == nil && ok && established[strings.TrimSuffix(inode, "]")] {
			n++
		}
	}
	return n
}

// readEstablished adds the inodes of established connections that a table lists.
func readEstablished(table string, inodes map[string]bool) {
	const (
		state       = 3
		inode       = 9
		established = "01"
	)
	text, err := os.ReadFile(table)
	if err != nil {
		return
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > inode && f[state] == established {
			inodes[f[inode]] = true
		}
	}
}

// proc is where Linux shows its processes.
const proc = "/proc"

// parent reads the process id of pid's parent.
func parent(pid int) (int, error) {
	text, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, err
	}
	// The name stands in parentheses and may hold anything; state and parent follow it.
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	_, rest, _ = strings.Cut(rest, " ")
	number, _, _ := strings.Cut(rest, " ")
	return strconv.Atoi(number)
}
