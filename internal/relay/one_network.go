package relay

import (
	"sync/atomic"

	"github.com/fedrelay/fedrelay/internal/link"
)

// oneNetwork remembers whether it has been logged that both sides are one network.
type oneNetwork struct{ logged atomic.Bool }

// notice is called at each event of a link. When a connection was made it compares the sides, and
// logs once if they are one network. An edge does not serve then, so its guards look, too.
func (o *oneNetwork) notice(r *Relay, event string) {
	if event != link.EventConnected && event != link.EventMoved {
		return
	}
	if r.cfg.IsEdge() {
		r.request.wake()
		r.reply.wake()
	}
	if found := r.networksInOne(); len(found) > 0 && o.logged.CompareAndSwap(false, true) {
		r.log.Warn(found[0])
	}
}

// networksInOne warns if the servers show that both sides are one network, and nobody has said that
// it is meant. That is legal for a relay: the two subjects differ, so nothing loops. Sides that
// meet only behind leaf nodes or gateways are not noticed. It is one of the warners of a relay.
func (r *Relay) networksInOne() []string {
	where := r.sharedServer()
	switch {
	case where == "":
		return nil
	case r.cfg.IsEdge():
		return []string{"federation and line are one network (both are connected to " + where +
			"): nothing is carried, because the edge would get back what it sends"}
	case r.settings.Load().OneNetwork:
		return nil // it is meant
	}
	return []string{"federation and collective are one network (both are connected to " +
		where + "): nothing but the rules keeps clients and nodes apart; " +
		"one_network: true says that it is meant"}
}

// sharedServer returns what makes both sides one network, or "".
func (r *Relay) sharedServer() string {
	for _, a := range r.sides[0].statuses() {
		for _, b := range r.sides[1].statuses() {
			if where := shared(a, b); where != "" {
				return where
			}
		}
	}
	return ""
}

// shared returns which server or cluster two connections have in common, or "".
func shared(a, b link.Status) string {
	if !a.Connected || !b.Connected {
		return ""
	}
	return a.Shared(b.Place)
}

// statuses returns the status of each connection of a side.
func (s *side) statuses() []link.Status {
	all := []link.Status{s.receive.Status()}
	for _, l := range s.publishes.inUse() {
		all = append(all, l.link.Status())
	}
	return all
}
