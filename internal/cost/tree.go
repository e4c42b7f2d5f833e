package cost

import (
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// tree is a process and all below it.
type tree struct {
	root int
	pids []int

	// What threads had used when they were seen last, also those that have ended.
	cpu      map[thread]time.Duration
	switches map[thread]int64

	connections int // as of the last thorough sample
}

type thread struct{ pid, tid int }

func newTree(pid int) *tree {
	return &tree{root: pid, cpu: map[thread]time.Duration{}, switches: map[thread]int64{}}
}

// find lists the processes of the tree.
func (t *tree) find() error {
	if _, err := parent(t.root); err != nil {
		return err
	}
	entries, err := os.ReadDir(proc)
	if err != nil {
		return err
	}
	children := map[int][]int{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, err := parent(pid); err == nil {
			children[p] = append(children[p], pid)
		}
	}
	t.pids = []int{t.root}
	for i := 0; i < len(t.pids); i++ {
		t.pids = append(t.pids, children[t.pids[i]]...)
	}
	return nil
}

// sample reads what the tree has used. If it is thorough it looks for new children and counts
// connections, too.
func (t *tree) sample(thorough bool) record.Sample {
	if thorough {
		_ = t.find() // the process may have ended: what it had used stays
		t.connections = 0
		for _, pid := range t.pids {
			t.connections += connections(pid)
		}
	}
	s := record.Sample{Connections: t.connections}
	for _, pid := range t.pids {
		s.Threads += t.threads(pid)
		s.RSS += resident(pid)
	}
	for _, cpu := range t.cpu {
		s.CPU += cpu
	}
	for _, n := range t.switches {
		s.Switches += n
	}
	return s
}

// highWater sums the most memory that each process ever had.
func (t *tree) highWater() (sum int64) {
	for _, pid := range t.pids {
		sum += highWater(pid)
	}
	return sum
}

// threads notes what each thread of pid has used and returns how many there are.
func (t *tree) threads(pid int) int {
	tasks, err := os.ReadDir(filepath.Join(proc, strconv.Itoa(pid), "task"))
	if err != nil {
		return 0
	}
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			continue
		}
		dir := filepath.Join(proc, strconv.Itoa(pid), "task", task.Name())
		if cpu, ok := onCPU(dir); ok {
			t.cpu[thread{pid, tid}] = cpu
		}
		if n, ok := switches(dir); ok {
			t.switches[thread{pid, tid}] = n
		}
	}
	return len(tasks)
}
