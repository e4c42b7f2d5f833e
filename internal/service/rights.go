package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// control is where all micro services listen.
const control = "$SRV.>"

// questions is the pattern of all questions to a cluster.
func questions(cluster string) string { return "choria.federation." + cluster + ".fedrelay.>" }

// missingRights says what to do about subscriptions that are denied. denied are their patterns.
// choria says that the login has a Choria token.
func missingRights(choria bool, denied ...string) string {
	lost := map[bool]string{
		true:  "nats service does not show this instance",
		false: "fedrelay observe, explain, rejects and trace get no answer",
	}
	var what []string
	for _, pattern := range denied {
		what = append(what, lost[pattern == control])
	}
	remedy := "add to the permissions of the user on the federation: subscribe: { allow: [" + quoted(denied) + "] }; and, only if it lists what may be published, allow_responses: true"
	if choria {
		remedy = "make its token with --subscribe '" + strings.Join(denied, "' --subscribe '") + "'"
	}
	return fmt.Sprintf("operators: the login may not subscribe to %s, so %s; %s (or turn service.enabled off)",
		strings.Join(denied, " and "), strings.Join(what, " and "), remedy)
}

func quoted(patterns []string) string {
	var all []string
	for _, p := range patterns {
		all = append(all, `"`+p+`"`)
	}
	return strings.Join(all, ", ")
}

// answersDenied says what to do about an answer that was denied.
func answersDenied(choria bool, inbox string) string {
	below := printable(inboxKey(inbox))
	remedy := "add to the permissions of the user on the federation: allow_responses: true, or publish: { allow: [\"" + below + ".>\"] }"
	if choria {
		remedy = "make its token with --publish '" + below + ".>'"
	}
	return fmt.Sprintf("operators: the login may not publish to inboxes below %s, so answers are lost; %s", below, remedy)
}

// statisticsDenied says what to do about statistics that are denied though the settings want them.
func statisticsDenied(choria bool, subject string) string {
	remedy := fmt.Sprintf("add to the permissions of the user on the federation: publish: { allow: [%q] }", subject)
	if choria {
		remedy = "make its token with --publish " + subject
	}
	return "operators: the login may not publish the statistics; " + remedy + ", or set stats.publish to auto or false"
}

// rightsTimeout is how long finding out about the rights may take.
const rightsTimeout = 10 * time.Second

// open finds out what the login may do, and registers what it may.
func (v *visit) open() error {
	if !v.duties.Answer {
		return nil
	}
	ctx, cancel := context.WithTimeout(v.ctx, rightsTimeout)
	defer cancel()
	if err := v.findRights(ctx); err != nil {
		return err
	}
	for _, i := range v.server.options.Instances {
		if err := v.register(i); err != nil {
			return err
		}
	}
	return v.round(ctx)
}

// findRights makes one subscription of each kind. nats.go's micro makes nine, and returns no error
// when they are denied.
func (v *visit) findRights(ctx context.Context) error {
	nc := v.session.Conn
	try := []string{"$SRV.PING"}
	for _, i := range v.server.options.Instances {
		try = append(try, Subject(i.Cluster, State))
	}
	for _, subject := range try {
		sub, err := nc.Subscribe(subject, func(*nats.Msg) {})
		if err != nil {
			return err
		}
		defer func() { _ = sub.Unsubscribe() }() // fails only with the connection
	}
	if err := v.round(ctx); err != nil {
		return err
	}
	v.judge()
	return nil
}

// judge notes what was not denied, and says what was.
func (v *visit) judge() {
	v.registers = v.session.SubscribeDenied("$SRV.PING", "") == nil
	for _, i := range v.server.options.Instances {
		var denied []string
		if !v.registers {
			denied = append(denied, control)
		}
		if v.session.SubscribeDenied(Subject(i.Cluster, State), "") == nil {
			v.answers[i.Cluster] = true
		} else {
			denied = append(denied, questions(i.Cluster))
		}
		if len(denied) > 0 {
			v.server.addMissing(v, i.Cluster, missingRights(v.session.Choria(), denied...))
		}
	}
}

// round blocks until all denials of what was written have come.
func (v *visit) round(ctx context.Context) error {
	if err := v.session.RoundTrip(ctx); err != nil {
		return err
	}
	return v.session.Settle(ctx)
}
