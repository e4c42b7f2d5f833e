package trace

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstrace"
	"github.com/fedrelay/fedrelay/internal/state"
)

// judge says where the way has ended.
func (c *cluster) judge(t state.Trace) state.TracedCluster {
	v := state.TracedCluster{
		Cluster: c.name, Request: c.id, Probes: c.probes, Silent: c.silent, Seen: c.seen, Way: c.way.Hops(), WayNote: c.wayNote(),
	}
	if v.Probes == nil {
		v.Probes = []state.Probe{}
	}
	if c.reply != nil {
		c.answered(&v, t)
		return v
	}
	for _, find := range []func(*state.TracedCluster) bool{c.unsent, c.strange, c.unmet, c.unserved, c.recalled, c.probed} {
		if find(&v) {
			return v
		}
	}
	v.Outcome, v.Detail = state.Unclear, "no answer, and no instance can tell why"
	return v
}

// wayNote says why the servers on the way are not known.
func (c *cluster) wayNote() string {
	switch {
	case c.wayErr != nil:
		return c.wayErr.Error()
	case !c.way.Complete:
		return "some servers have not answered"
	}
	return ""
}

// end enters where the way has ended.
func end(v *state.TracedCluster, o state.Outcome, last, detail, advice string) bool {
	v.Outcome, v.LastHop, v.Detail, v.Advice = o, last, detail, advice
	return true
}

// here is the last hop if not even a relay was met.
func (c *cluster) here() string {
	if n := len(c.way.Servers); n > 0 {
		return c.way.Hops()[n-1].Server
	}
	return c.options.Session.URL()
}

// unsent finds that the login may not ask.
func (c *cluster) unsent(v *state.TracedCluster) bool {
	denied := c.way.Found() == natstrace.Denied || c.denied.has(c.subject())
	if !denied && (c.result == nil || c.result.Err == nil) {
		return false
	}
	detail := "the server does not let this login publish to " + c.subject()
	if !denied {
		detail = c.result.Err.Error()
	}
	advice := "allow this login to publish to choria.federation.*.federation, and to subscribe to " + c.options.Collective + ".reply.>"
	if c.options.Session.Choria() {
		advice = "make this token without --no-fleet-management, and sign with the same token (--sign-token): a Choria broker lets only the caller of a request get its answers"
	}
	if _, ok := errors.AsType[*link.DeniedError](c.asked); ok {
		advice += "; to see more than the answer, also to publish to choria.federation.*.fedrelay.* and to subscribe to _INBOX.>"
	}
	return end(v, state.CannotSend, c.here(), detail, advice)
}

// strange finds that something came that is no answer of the node.
func (c *cluster) strange(v *state.TracedCluster) bool {
	switch {
	case c.result == nil:
		return false
	case len(c.result.UnaskedNames) > 0:
		name := printable(c.result.UnaskedNames[0])
		return end(v, state.Unclear, name, "the answer is from "+name+", which was not asked", "the node has another identity than the subject that it listens to")
	case len(c.result.Rejected) > 0:
		reason := slices.Sorted(maps.Keys(c.result.Rejected))[0]
		return end(v, state.Unclear, c.here(), "an answer came that cannot be read: "+reason, "somebody answers in another protocol version, or publishes on the reply subject")
	}
	return false
}

// unmet finds that no instance answers.
func (c *cluster) unmet(v *state.TracedCluster) bool {
	if len(c.probes) > 0 {
		return false
	}
	var denied *link.DeniedError
	if errors.As(c.asked, &denied) && c.way.Found() != natstrace.No {
		return end(v, state.Unclear, c.here(), "no answer, and this login may not ask instances: "+denied.Error(),
			"allow it to publish to choria.federation.*.fedrelay.*, and to subscribe to its inbox")
	}
	if members := v.Way; c.way.Found() == natstrace.Yes {
		who := "somebody"
		if to := members[len(members)-1].To; len(to) > 0 {
			who = to[0]
		}
		return end(v, state.Unclear, who, who+" takes the requests of this cluster, and nobody answers operators",
			"it is another federation broker or an older fedrelay, or service.enabled is off there, or its login or this one lacks a right for "+
				"choria.federation."+c.name+".fedrelay.>; look at its log")
	}
	detail := "no instance of this cluster answers"
	if c.way.Found() == natstrace.No {
		detail = "nobody subscribes to " + c.subject() + " on this network"
	}
	return end(v, state.NoRelay, c.here(), detail,
		"start a relay of this cluster, or look why it is not ready (its /readyz); check the spelling of the cluster, and that this is the network that its relays have as federation")
}

// unserved finds that no instance takes requests.
func (c *cluster) unserved(v *state.TracedCluster) bool {
	if slices.ContainsFunc(c.probes, func(p state.Probe) bool { return p.Federation.Subscribed }) {
		return false
	}
	for _, p := range c.probes {
		if r := p.Collective; !r.Up {
			return end(v, state.CollectiveDown, p.Identity, p.Identity+" has no connection to the "+r.Name+": "+or(r.Error, "no reason is known"),
				"look at the servers of that side and at the login of the relay; it takes requests again by itself")
		}
	}
	p := c.probes[0]
	return end(v, state.NotServed, p.Identity, p.Identity+" takes no requests: "+or(strings.Join(p.Reasons, "; "), "no reason is known"),
		"its log and its /readyz say why")
}

// recalled finds what instances remember of the request itself, which is certain.
func (c *cluster) recalled(v *state.TracedCluster) bool {
	for _, r := range c.seen {
		switch {
		case r.Replies > 0:
			return end(v, state.ReplyLost, r.Identity, r.Identity+" has got an answer, and none came here",
				"the federation's server may deny the relay to publish to "+or(r.ReplyTo, "reply subjects")+"; its metrics and its log name denied copies")
		case len(r.Rejected) > 0:
			reason := r.Rejected[0].Reason
			return end(v, state.Rejected, r.Identity, r.Identity+" does not pass the request on: "+reason,
				"see fedrelay rejects, and the settings allow.* and limits.* of the relay")
		case r.Copies["denied"] > 0:
			return end(v, state.CopyDenied, r.Identity, "the collective's server does not let "+r.Identity+" publish to "+c.target,
				"allow the relay's user on the collective to publish to "+c.options.Collective+".node.>")
		}
	}
	return false
}

// carriers are the probes of the instances that have carried the request, if they are known, and
// otherwise of all that take requests.
func (c *cluster) carriers() (all []state.Probe) {
	carried := func(p state.Probe) bool {
		return slices.ContainsFunc(c.seen, func(r state.Request) bool { return r.Messages > 0 && r.Identity == p.Identity })
	}
	serving := slices.DeleteFunc(slices.Clone(c.probes), func(p state.Probe) bool { return !p.Federation.Subscribed })
	for _, p := range serving {
		if carried(p) {
			all = append(all, p)
		}
	}
	if all == nil {
		return serving
	}
	return all
}

// probed finds what the probes say. If they differ, the worst one counts.
func (c *cluster) probed(v *state.TracedCluster) bool {
	carriers := c.carriers()
	for _, said := range []state.Subscribed{state.Disallowed, state.Denied, state.Unheard, state.Unknown, state.Listened} {
		i := slices.IndexFunc(carriers, func(p state.Probe) bool { return p.Subscribed == said })
		if i >= 0 {
			return c.explain(v, &carriers[i])
		}
	}
	return false
}

// explain says what the probe of a carrier means.
func (c *cluster) explain(v *state.TracedCluster, p *state.Probe) bool {
	switch {
	case !p.Collective.Up:
		return end(v, state.CollectiveDown, p.Identity, p.Identity+" has no connection to the "+p.Collective.Name+": "+or(p.Collective.Error, p.Detail),
			"look at the servers of that side and at the login of the relay")
	case p.Subscribed == state.Disallowed:
		return end(v, state.Rejected, p.Identity, p.Identity+": "+p.Detail, "see the settings allow.* of the relay")
	case p.Subscribed == state.Denied:
		return end(v, state.CopyDenied, lastServer(p), p.Identity+": "+p.Detail,
			"allow the relay's user on the "+p.Collective.Name+" to publish to "+or(p.Asked, c.options.Collective+".node.>"))
	case p.Edge:
		return c.explainEdge(v, p)
	case p.Subscribed == state.Unheard:
		return end(v, state.NoNode, lastServer(p), "nobody on the collective of "+c.name+" subscribes to "+c.target,
			"the node is down or not connected, or on another network, or in another collective than "+c.options.Collective+
				", or it has another name: nodes are named by their certificate or token")
	case p.Subscribed == state.Listened && len(c.silent) > 0:
		return c.stuck(v, p)
	case p.Subscribed == state.Listened:
		return end(v, state.Silent, or(strings.Join(p.Listeners, ", "), lastServer(p)), c.options.Node+" is subscribed, and does not answer", c.silence())
	case p.Lacks != "":
		return end(v, state.Unclear, p.Identity, p.Identity+" cannot tell whether the node is there, because its login lacks a right: "+p.Lacks,
			"allow the relay's user on the "+p.Collective.Name+" to "+p.Lacks+", and ask again; fedrelay config permissions prints all rights that it needs")
	}
	return end(v, state.Unclear, p.Identity, p.Identity+" cannot tell whether the node is there: "+p.Detail, c.silence())
}

// stuck says that a node listens, and that the request or its answer may be with somebody who takes
// messages and tells nothing.
func (c *cluster) stuck(v *state.TracedCluster, p *state.Probe) bool {
	who := strings.Join(c.silent, ", ")
	advice := "if they hang, end them, and ask again. If that does not help: " + c.silence()
	if slices.ContainsFunc(c.seen, func(r state.Request) bool { return r.Messages > 0 }) {
		return end(v, state.Unclear, or(strings.Join(p.Listeners, ", "), lastServer(p)),
			c.options.Node+" is subscribed. It does not answer, or its answer is with one of those that take replies and tell nothing: "+who, advice)
	}
	return end(v, state.Unclear, c.here(), c.options.Node+" is subscribed, and no instance that answers has had the request. "+
		"It went to one of those that take requests and tell nothing: "+who, advice)
}

// explainEdge says what the probe of an edge means. It sees no further than to the relays.
func (c *cluster) explainEdge(v *state.TracedCluster, p *state.Probe) bool {
	if p.Subscribed == state.Unheard {
		return end(v, state.NoRelay, lastServer(p), "the edge "+p.Identity+" has passed the request on, and no relay of "+c.name+" listens on the line",
			"start a relay there, or look why it is not ready")
	}
	return end(v, state.Unclear, or(strings.Join(p.Listeners, ", "), p.Identity), "the edge "+p.Identity+" has passed the request on, and no answer came back",
		"what is behind the edge is seen from the line: run this with --federation and the servers of the line ("+p.Collective.URL+")")
}

// silence is what to do about a node that does not answer.
func (c *cluster) silence() string {
	if !c.options.Signer.Signed() {
		return "the request is not signed, and nodes that check signatures do not answer it: give --sign-cert and --sign-key, or --sign-token and --sign-seed"
	}
	return "look at the log of the node: it may refuse " + c.options.Signer.Caller() + ", its clock may differ, or the collective's server may deny it to publish to choria.federation." + c.name + ".collective"
}

// lastServer is the last server on the way of a probe, or the instance.
func lastServer(p *state.Probe) string {
	if n := len(p.Servers); n > 0 {
		return p.Servers[n-1].Server
	}
	return or(p.Collective.Server, p.Identity)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// answered enters the reply.
func (c *cluster) answered(v *state.TracedCluster, t state.Trace) {
	total := c.reply.Received.Sub(c.sent).Seconds()
	v.Outcome, v.LastHop, v.Seconds = state.Answered, c.reply.Sender, total
	v.Detail = fmt.Sprintf("%s answered in %s", c.reply.Sender, seconds(total))
	v.Path = c.path(t)
	v.Legs = c.legs(t, total)
}
