package relay

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstrace"
	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/wire"
)

// mostListeners is how many connections a probe names.
const mostListeners = 5

// Probe implements state.Source. It judges the target as one of a request, so that nobody can learn
// of subjects in this way that requests do not reach. Nothing that it sends is delivered.
func (r *Relay) Probe(ctx context.Context, target string) state.Probe {
	p := state.Probe{
		Schema: state.Schema, Cluster: r.cfg.Cluster, Identity: r.cfg.Identity, Edge: r.cfg.IsEdge(),
		Target:     printable([]byte(target), maxSubjectShown),
		Federation: r.reach(r.sides[0]), Collective: r.reach(r.sides[1]),
	}
	p.Ready, p.Reasons = r.Ready()
	subject, found := r.probed(target)
	if found == nil {
		f := r.listeners(ctx, subject)
		found = &f
	}
	if r.cfg.IsEdge() {
		p.Asked = subject
	}
	p.Lacks = found.lacks
	p.Subscribed, p.Detail, p.Servers, p.Listeners = found.subscribed, found.detail, found.servers, found.listeners
	return p
}

// reach is what is known of a side without asking.
func (r *Relay) reach(s *side) state.Reach {
	v := s.view(nil)
	reach := state.Reach{Name: s.name, Up: v.Up, Subscribed: v.Subscribed, URL: v.URL}
	if !v.Up {
		reach.Error = v.LastError
	}
	reach.Server = s.receive.Status().ServerName
	return reach
}

// probed returns the subject to ask for, or what is known without asking. An edge passes requests
// on to relays, so that is who it asks for.
func (r *Relay) probed(target string) (subject string, known *finding) {
	if reason := r.rules.Load().Target([]byte(target)); reason != wire.OK {
		return "", &finding{subscribed: state.Disallowed, detail: "this instance skips such a target: " + reason.String()}
	}
	if _, kind, _ := strings.Cut(target, "."); strings.HasPrefix(kind, "broadcast.agent.") {
		return "", &finding{subscribed: state.Unknown, detail: "broadcasts are not probed, because the servers would name every node"}
	}
	if r.cfg.IsEdge() {
		return r.request.subject, nil
	}
	return target, nil
}

// listeners finds out who listens to a subject on the second side.
func (r *Relay) listeners(ctx context.Context, subject string) finding {
	s := r.sides[1]
	if v := s.view(nil); !v.Up {
		return finding{subscribed: state.Unknown, detail: "not connected to the " + s.name}
	}
	f, err := r.prober.find(ctx, subject, func(ctx context.Context) finding { return r.ask(ctx, s, subject) })
	if err != nil {
		return finding{subscribed: state.Unknown, detail: err.Error()}
	}
	return f
}

// ask asks the servers of a side, on a connection of its own. It begins at the server that the
// relay publishes to.
func (r *Relay) ask(ctx context.Context, s *side, subject string) finding {
	name := fmt.Sprintf("fedrelay %s %s %s probe", r.cfg.Cluster, r.cfg.Identity, s.name)
	session, err := link.SingleNear(ctx, s.endpoint, name, r.request.destination())
	if err != nil {
		return finding{subscribed: state.Unknown, detail: "cannot connect to the " + s.name + " for a probe: " + err.Error()}
	}
	defer session.Close()
	result, err := natstrace.Trace(ctx, session.Conn, subject)
	if err != nil {
		return untraced(ctx, session, subject, err)
	}
	return found(result)
}

// found puts a trace into the words of documents.
func found(result natstrace.Result) finding {
	f := finding{subscribed: state.Subscribed(result.Found()), servers: result.Hops()}
	for _, e := range result.Receivers() {
		if len(f.listeners) < mostListeners {
			f.listeners = append(f.listeners, printable([]byte(e.Name), maxTextShown))
		}
	}
	switch {
	case f.subscribed == state.Denied:
		f.detail = f.servers[0].Error
	case !result.Complete:
		f.detail = "some servers on the way have not answered"
	case f.subscribed == state.Unknown:
		f.detail = "the way goes on where the servers do not tell"
	}
	return f
}

// untraced says what is known where the servers do not trace. A real message would tell more, but a
// node would get it.
func untraced(ctx context.Context, s *link.Session, subject string, why error) finding {
	f := finding{subscribed: state.Unknown, detail: why.Error()}
	var inbox *natstrace.InboxError
	if errors.As(why, &inbox) {
		f.detail, f.lacks = "no trace: "+f.detail, inbox.Right()
	}
	if may, err := s.MayPublish(ctx, subject); err == nil && !may {
		f.subscribed, f.detail = state.Denied, (&link.DeniedError{Publish: true, Subject: subject}).Error()
	}
	return f
}
