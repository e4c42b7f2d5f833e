package observe

import (
	"fmt"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/service"
)

// leaving is how long an instance that has stopped may still be in its queue group.
const leaving = 2 * time.Second

// mute returns the members of the queue group that answer no questions.
func (c *cluster) mute(doc Cluster) (all []Mute) {
	for _, g := range c.group {
		if !c.speaks(g, doc.Members) {
			all = append(all, Mute{g.Connection, g.Server, g.Identity})
		}
	}
	return all
}

// speaks reports whether a member of the queue group has been heard since it was found there, or
// shortly before. Statistics count: brokers of 2017 have their name in that of their connection.
func (c *cluster) speaks(g service.Member, members []Member) bool {
	return slices.ContainsFunc(members, func(m Member) bool {
		same := m.Name == g.Identity && m.Kind != Broker
		if m.Kind == Broker {
			same = m.Name == g.Identity || g.Connection == "fedbroker_"+c.name+"_"+m.Name
		}
		return same && (m.Silent == 0 || c.grouped.Sub(m.Heard) < leaving)
	})
}

// muteAdvice says what members that answer no questions mean.
func muteAdvice(cluster string, mute []Mute) (all []string) {
	for i, m := range mute {
		if i > 0 && mute[i-1].Connection == m.Connection {
			continue // a member with a large share of the load has many subscriptions
		}
		if m.Identity != "" {
			all = append(all, fmt.Sprintf("%s is in the queue group of %s and does not answer: it still gets its part of the requests. "+
				"Does it hang, has it service.enabled: false, or may its login not subscribe to "+
				"choria.federation.%s.fedrelay.>?", m.Identity, cluster, cluster))
			continue
		}
		name := m.Connection
		if name == "" {
			name = "a connection without a name"
		}
		all = append(all, fmt.Sprintf("%s is in the queue group of %s, and is no fedrelay: it gets its part of the requests, and nothing has been heard of it; "+
			"brokers of 2017 speak every 10 seconds, go-choria's never",
			name, cluster))
	}
	return all
}
