package trial

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/cost"
)

// A usage is what the processes of a trial have used so far.
type usage struct{ relay, servers, harness time.Duration }

func (u usage) since(before usage) usage {
	return usage{u.relay - before.relay, u.servers - before.servers, u.harness - before.harness}
}

func (u usage) sum() time.Duration { return u.relay + u.servers + u.harness }

// meters watch all processes of a trial. They are read when asked, and between that only now and then.
type meters struct{ relay, servers, all *cost.Watcher }

func (b *bed) watch() (err error) {
	if b.meters.servers, err = b.servers.watch(); err != nil {
		return err
	}
	if b.relay != nil {
		if b.meters.relay, err = b.relay.watch(); err != nil {
			return err
		}
	}
	b.meters.all, err = cost.Watch(os.Getpid(), time.Second) // with its children
	return err
}

func (p *Process) watch() (*cost.Watcher, error) { return cost.Watch(p.cmd.Process.Pid, time.Second) }

func (m meters) stop() {
	for _, w := range []*cost.Watcher{m.relay, m.servers, m.all} {
		if w != nil {
			w.Stop()
		}
	}
}

func (m meters) read() (u usage) {
	if m.relay != nil {
		u.relay = m.relay.Sample().CPU
	}
	u.servers = m.servers.Sample().CPU
	u.harness = m.all.Sample().CPU - u.relay - u.servers
	return u
}

// peakMemory is the most that a process and its descendants had resident, in bytes: the kernel's own mark, which misses nothing.
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
