package preflight

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/natstrace"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// asked is how often it is asked who would get a message. Each time one member of a queue group is
// named, at random, and go-choria's broker is ten of them.
const asked = 200

// group says who is in the queue groups that the relay will join. Only servers that trace messages
// can tell, and only somebody who may publish to the subject.
func (s *side) group(ctx context.Context) {
	for _, right := range relay.RightsOf(s.o.Config, s.name) {
		if right.Publish || right.Queue == "" || strings.ContainsAny(right.Subject, "*>") {
			continue
		}
		s.members(ctx, right)
	}
}

func (s *side) members(ctx context.Context, r relay.Right) {
	members, others, err := s.listeners(ctx, r)
	switch {
	case err != nil:
		s.add(idGroup, Note, "who else is in queue group %s cannot be told: %s", r.Queue, err)
	case len(others) > 0:
		c := s.add(idGroup, Warning, "messages to %s do not go to queue group %s alone: %s gets them, too", r.Subject, r.Queue, listed(others, 3))
		c.Fix = []string{"find out who that is (nats server report connections), and let only relays subscribe there"}
	case len(members) == 0:
		s.add(idGroup, Warning, "nobody is in queue group %s: until a relay joins it, messages to %s are lost", r.Queue, r.Subject)
	default:
		s.judgeMembers(r, members)
	}
}

// judgeMembers enters each kind of members that a group has.
func (s *side) judgeMembers(r relay.Right, members []string) {
	kinds := map[string][]string{}
	for _, name := range members {
		k := kind(name)
		kinds[k] = append(kinds[k], name)
	}
	for _, k := range []string{goBroker, rubyBroker} {
		if names := kinds[k]; len(names) > 0 {
			s.add(idGroup, Warning, "%s is in queue group %s, too (connection %s): both share the messages, which is fine while one replaces the other; it opens no seals and reads no compact messages",
				k, r.Queue, listed(names, 3))
		}
	}
	if names := kinds[stranger]; len(names) > 0 {
		c := s.add(idGroup, Warning, "a stranger takes messages from queue group %s: connection %s", r.Queue, listed(names, 3))
		c.Fix = []string{"is it another program for the same cluster? then give one of them another cluster; else let only relays subscribe to " + r.Subject}
	}
	if names := kinds[ours]; len(names) == len(members) {
		s.add(idGroup, OK, "queue group %s is served by %s", r.Queue, listed(names, 3))
	}
}

// The kinds of members, as messages name them.
const (
	ours       = "fedrelay"
	goBroker   = "go-choria's federation broker"
	rubyBroker = "Choria's federation broker of 2017"
	stranger   = "a stranger"
)

// kind tells by the name of a connection what a member is.
func kind(connection string) string {
	switch {
	case strings.HasPrefix(connection, "fedrelay "):
		return ours
	case strings.HasPrefix(connection, "choria_nats_"):
		return goBroker
	case strings.HasPrefix(connection, "fedbroker_"):
		return rubyBroker
	}
	return stranger
}

// listeners returns the names of the connections that would get a message: members of the group,
// and others.
func (s *side) listeners(ctx context.Context, r relay.Right) (members, others []string, err error) {
	if err := s.mayTrace(r.Subject); err != nil {
		return nil, nil, err
	}
	ways, err := natstrace.Sample(ctx, s.session.Conn, r.Subject, asked)
	if err != nil {
		return nil, nil, err
	}
	for _, way := range ways {
		if found := way.Found(); found == natstrace.Denied || found == natstrace.Unknown {
			return nil, nil, errors.New("the servers on the way do not all tell")
		}
		for _, e := range way.Receivers() {
			if e.Queue == r.Queue {
				members = append(members, e.Name)
			} else {
				others = append(others, named(e))
			}
		}
	}
	slices.Sort(members)
	return slices.Compact(members), unique(others), nil
}

func named(e natstrace.Egress) string {
	name := "connection \"" + e.Name + "\""
	if e.Queue != "" {
		name += " of queue group " + e.Queue
	}
	return name
}

// nodes says whether nodes of the collectives are there at all, by whether somebody listens for
// what every node listens for.
func (s *side) nodes(ctx context.Context) {
	collectives := s.collectives()
	if len(s.o.Config.Allow.Collectives) == 0 && FormOf(s.cfg) == Choria {
		// Where tokens are used, this is as likely.
		if found, err := s.anybody(ctx, "choria.broadcast.agent.discovery"); err == nil && found {
			collectives = []string{"choria"}
		}
	}
	for _, collective := range collectives {
		subject := collective + ".broadcast.agent.discovery"
		found, err := s.anybody(ctx, subject)
		switch {
		case err != nil:
			s.add(idNodes, Note, "whether nodes of collective %s are there cannot be told: %s", collective, err)
		case found:
			s.add(idNodes, OK, "nodes of collective %s are there", collective)
		default:
			c := s.add(idNodes, Warning, "no node of collective %s is there: nobody listens to %s%s", collective, subject, s.inAccount())
			c.Fix = []string{"are this the right server, login and account? if the collective has another name, list it in allow.collectives"}
			c.Where = s.o.where(s.name)
		}
	}
}

// collectives are those to look for.
func (s *side) collectives() []string {
	if all := s.o.Config.Allow.Collectives; len(all) > 0 {
		return all[:min(len(all), 3)]
	}
	return []string{"mcollective"}
}

func (s *side) inAccount() string {
	if s.place.Account == "" {
		return ""
	}
	return " in account " + s.place.Account
}

// mayTrace says why the way of a message to subject cannot be told, before it is tried: a refusal
// would be a line in the server's log.
func (s *side) mayTrace(subject string) error {
	switch inbox := s.session.Conn.NewInbox(); {
	case s.login == nil:
		return errors.New("the server does not say what this login may do")
	case !s.login.PublishesTo(subject):
		return errors.New("this login may not publish to " + subject)
	case !s.login.PublishesTo(inbox):
		return errors.New("this login may not publish to " + inbox[:strings.LastIndex(inbox, ".")] + ".>, where servers would answer")
	}
	return nil
}

// anybody reports whether somebody listens to a subject.
func (s *side) anybody(ctx context.Context, subject string) (bool, error) {
	if err := s.mayTrace(subject); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	result, err := natstrace.Trace(ctx, s.session.Conn, subject)
	if err != nil {
		return false, err
	}
	switch result.Found() {
	case natstrace.Yes:
		return true, nil
	case natstrace.No:
		return false, nil
	}
	return false, errors.New("the servers on the way do not all tell")
}
