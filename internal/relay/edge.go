package relay

import (
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// edgeName is the name of an edge in its return addresses (wire.AppendEdge): its group, and the
// cluster that it serves. The cluster is one token, with = for dots, which no name has itself.
// Otherwise the edge of london would get what is for london.eu, too.
func edgeName(c config.Config) string {
	return c.Edge.Group + "." + strings.ReplaceAll(c.Cluster, ".", "=")
}

// edgeDirections returns the two paths of an edge: from the clients to the line, and back. A
// request keeps its subject, so the line may lead to relays or to other edges.
func edgeDirections(c config.Config) (request, reply direction) {
	subject := requestSubject(c)
	request = direction{
		name: "request", to: link.Line,
		subject: subject, queue: c.Cluster + "_federation", gathers: true,
		rights: link.Rights{Patterns: []string{subject}, Likely: []string{subject}},
	}
	reply = direction{
		name: "reply", to: link.Federation,
		subject: "*.reply.edge." + edgeName(c) + ".>", queue: "edge_" + c.Edge.Group + "_" + c.Cluster,
		rights: replyRights(c),
	}
	return request, reply
}

// requestSubject is what clients send requests to.
func requestSubject(c config.Config) string { return "choria.federation." + c.Cluster + ".federation" }

// edgeRouter makes the router of a relay that of an edge.
func (r *Relay) edgeRouter(c config.Config, requests requestRouter) *edgeRouter {
	answers, accepted := r.reply.answers, requests.accepted
	requests.accepted = func() {
		accepted()
		answers.request(r.request.notes)
	}
	requests.asText = true
	return &edgeRouter{
		requestRouter: requests,
		name:          edgeName(c),
		json:          c.Edge.Wire == config.WireJSON,
		limits:        compactLimits(c),
		maxPayload:    r.request.maxPayload,
	}
}

// edgeReplyRouter makes the router of a relay that of an edge.
func (r *Relay) edgeReplyRouter(replies replyRouter) *edgeReplyRouter {
	return &edgeReplyRouter{
		replyRouter: replies, name: edgeName(r.cfg), answers: r.reply.answers, notes: r.reply.notes,
	}
}

// edgeTakes says which compact messages come to an edge: replies that are for its group.
func edgeTakes(c config.Config) pipeline.Compact {
	name := edgeName(c)
	return pipeline.Compact{
		Kind: compact.KindReplies, Limits: compactLimits(c),
		Addressed: func(address []byte) bool { return addressedTo(name, address) },
	}
}

// edgeObstacle says why an edge must not take what the given side brings, although it could publish
// it, or returns "". On one network its own requests would come back to it. That cannot be judged
// before the side is connected.
func (r *Relay) edgeObstacle(from *side) string {
	switch {
	case !from.receive.Status().Connected:
		return "not connected to the " + from.name
	case r.sharedServer() != "":
		return "both sides are one network"
	}
	return ""
}

// lineNeeds returns the rights that the login of an edge needs on the line.
func lineNeeds(c config.Config) (n link.Needs) {
	for _, cluster := range c.Edge.Clusters {
		c.Cluster = cluster
		request, reply := edgeDirections(c)
		n.Publish = append(n.Publish, request.subject)
		n.Subscribe = append(n.Subscribe, "?"+reply.subject[1:])
	}
	return n
}

// SecondSide returns the side beside the federation.
func SecondSide(c config.Config) (name string, s config.Side) {
	if c.IsEdge() {
		return link.Line, c.Line
	}
	return link.Collective, c.Collective
}

// clustersOf returns the clusters that c serves.
func clustersOf(c config.Config) []string {
	if c.IsEdge() {
		return slices.Clone(c.Edge.Clusters)
	}
	return []string{c.Cluster}
}
