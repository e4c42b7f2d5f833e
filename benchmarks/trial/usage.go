package trial

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/cost"
)

// A usage is the CPU time that the processes of a trial have used so far, and how often a thread of
// the relay was switched away from.
type usage struct {
	relay, servers, harness time.Duration
	switches                int64
}

func (u usage) since(before usage) usage {
	return usage{u.relay - before.relay, u.servers - before.servers, u.harness - before.harness, u.switches - before.switches}
}

func (u usage) sum() time.Duration { return u.relay + u.servers + u.harness }

// meters watch all processes of a trial. Between two calls of read they take few samples, which
// would cost CPU time themselves.
type meters struct{ relay, servers, all *cost.Watcher }

func (m meters) stop() {
	for _, w := range []*cost.Watcher{m.relay, m.servers, m.all} {
		if w != nil {
			w.Stop()
		}
	}
}

func (m meters) read() (u usage) {
	if m.relay != nil {
		s := m.relay.Sample()
		u.relay, u.switches = s.CPU, s.Switches
	}
	u.servers = m.servers.Sample().CPU
	u.harness = m.all.Sample().CPU - u.relay - u.servers
	return u
}
