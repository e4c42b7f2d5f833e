package relay

import (
	"slices"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

// A Right is something that the login of a side must be allowed to do, in the terms of a NATS
// server.
type Right struct {
	Publish bool
	Subject string // with wildcards, as it stands in permissions
	Queue   string // of a subscription; may be empty
	// Probes are literal subjects below Subject to which nobody listens, the likeliest first. They
	// are for a login that may not ask for its rights. The right is there if one is not denied.
	Probes []string
	// Lacks is what does not work without the right. If it is empty, the side does not work.
	Lacks string
}

// RightsOf returns the rights that the login of a side needs, most important first. side is one of
// those that c has.
func RightsOf(c config.Config, side string) (all []Right) {
	for _, cluster := range clustersOf(c) {
		c.Cluster = cluster
		all = append(all, directionRights(c, side)...)
		if side == link.Federation {
			all = append(all, operatorRights(c)...)
		}
	}
	all = append(all,
		Right{Publish: true, Subject: "$SYS.REQ.USER.INFO", Lacks: "asking what the login may do"},
		Right{Subject: "_INBOX.>", Lacks: "getting answers to questions"})
	if side != link.Federation && c.Service.Enabled {
		all = append(all, Right{Publish: true, Subject: "_INBOX.>", Lacks: "fedrelay trace: whether a node listens"})
	}
	slices.SortStableFunc(all, func(a, b Right) int { return boolOrder(a.Lacks != "", b.Lacks != "") })
	return withoutRepeats(all)
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// directionRights are those of the two paths of a cluster.
func directionRights(c config.Config, side string) (all []Right) {
	directions := relayDirections
	if c.IsEdge() {
		directions = edgeDirections
	}
	request, reply := directions(c)
	for _, d := range []direction{request, reply} {
		if d.to != side {
			all = append(all, Right{Subject: d.subject, Queue: d.queue})
		}
	}
	switch side {
	case link.Line:
		all = append(all, Right{Publish: true, Subject: request.subject})
	case link.Federation:
		all = append(all, replyWants(c)...)
	default:
		all = append(all, requestWants(c)...)
	}
	return all
}

// replyWants are the subjects of replies.
func replyWants(c config.Config) (all []Right) {
	name := probeName()
	for _, collective := range addressed(c) {
		all = append(all, Right{
			Publish: true, Subject: collective + ".reply.>", Probes: join(candidates(c, collective), []string{"reply." + name + "." + name}),
		})
	}
	for _, pattern := range c.Allow.Replies {
		all = append(all, Right{Publish: true, Subject: pattern, Probes: []string{literal(pattern, name)}})
	}
	return all
}

// requestWants are the subjects of nodes, agents and services.
func requestWants(c config.Config) (all []Right) {
	name := probeName()
	for _, collective := range addressed(c) {
		for _, kind := range []struct{ pattern, lacks string }{
			{"node.>", ""}, {"broadcast.agent.*", ""}, {"broadcast.service.*", "requests to services"},
		} {
			probe := kind.pattern[:len(kind.pattern)-1] + name
			all = append(all, Right{
				Publish: true, Subject: collective + "." + kind.pattern, Lacks: kind.lacks,
				Probes: join(candidates(c, collective), []string{probe}),
			})
		}
	}
	return all
}

// addressed are the collectives that may be addressed, "*" for any.
func addressed(c config.Config) []string {
	named := slices.DeleteFunc(slices.Clone(c.Allow.Collectives), func(name string) bool {
		return slices.Contains(c.Allow.DenyCollectives, name)
	})
	if len(named) == 0 {
		return []string{"*"}
	}
	return named
}

// candidates are the names that a collective may have: that itself, or those that are likely.
func candidates(c config.Config, collective string) []string {
	if collective != "*" {
		return []string{collective}
	}
	likely := []string{defaultCollective, c.Cluster}
	return slices.DeleteFunc(slices.Compact(likely), func(name string) bool {
		return slices.Contains(c.Allow.DenyCollectives, name)
	})
}

// operatorRights are those for answering operators over NATS, and for the old statistics.
func operatorRights(c config.Config) (all []Right) {
	prefix := "choria.federation." + c.Cluster
	if c.Stats.Publish != config.PublishFalse {
		all = append(all, Right{
			Publish: true, Subject: prefix + ".stats",
			Lacks: "the statistics document (stats.publish)",
		})
	}
	if c.Service.Enabled {
		lacks := "fedrelay observe, explain, rejects and trace (service.enabled)"
		all = append(all, Right{Subject: prefix + ".fedrelay.>", Lacks: lacks}, Right{Subject: "$SRV.>", Lacks: "nats service ls"})
	}
	return all
}

// withoutRepeats drops rights that are there before.
func withoutRepeats(all []Right) (once []Right) {
	for _, r := range all {
		same := func(o Right) bool { return o.Publish == r.Publish && o.Subject == r.Subject && o.Queue == r.Queue }
		if !slices.ContainsFunc(once, same) {
			once = append(once, r)
		}
	}
	return once
}
