package relay

import "github.com/fedrelay/fedrelay/pipeline"

// A Progress says how far all paths of a process have got. Two of them show whether a path hangs.
type Progress []pathProgress

// pathProgress is how far one path has got.
type pathProgress struct {
	path    *path
	idle    bool // nothing is under way
	waits   bool // for a server, so it need not move
	moved   [5]int64
	settled int64
}

// Progress returns how far all paths have got now. It takes the locks that carrying takes, so it
// hangs with a path that hangs while it holds one.
func (p *Process) Progress() (all Progress) {
	for _, r := range p.relays {
		all = append(all, r.request.progress(), r.reply.progress())
	}
	return all
}

func (p *path) progress() pathProgress {
	idle, batches := p.idle()
	s := p.ledger.Snapshot()
	now := pathProgress{
		path: p, idle: idle, waits: p.obstacle() != "",
		moved: [...]int64{batches, s.Received, s.RejectedTotal(), s.Accepted, p.inDoubt()},
	}
	for f := range pipeline.NumFates {
		now.settled += s.Fate(f)
	}
	return now
}

// StuckSince returns which paths have had work since before, could do it, and have done nothing of
// it. before may be empty: then none has.
func (p Progress) StuckSince(before Progress) (paths []string) {
	for i, now := range p {
		if i >= len(before) || now.idle || now.waits || before[i].idle || before[i].waits {
			continue
		}
		if now.moved == before[i].moved && now.settled == before[i].settled {
			paths = append(paths, now.path.name)
		}
	}
	return paths
}
