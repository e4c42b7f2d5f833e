package preflight

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
)

// between is about both sides together.
func between(ctx context.Context, o Options, a, b *side) []Check {
	return []Check{network(ctx, o, a, b), payloads(a, b)}
}

// network says whether both sides are one network, by their servers, and by a message that is
// published on one side and listened for on the other.
func network(ctx context.Context, o Options, a, b *side) Check {
	shared := a.place.Shared(b.place)
	crosses, told := crossing(ctx, a, b)
	switch {
	case told && !crosses && o.Config.OneNetwork:
		return Check{ID: idNetwork, Level: Note, Where: o.where(keyOneNetwork), Text: "these are two networks, although one_network is true: remove it, so that a mistake would be noticed" + twoAccounts(a, b)}
	case told && !crosses:
		return Check{ID: idNetwork, Level: OK, Text: "two networks: what is published on the " + b.name + " does not arrive on the " + a.name + twoAccounts(a, b)}
	case !told && shared == "":
		return Check{ID: idNetwork, Level: OK, Text: "two networks, as far as the servers' names tell" + twoAccounts(a, b)}
	}
	text := "one network on both sides: "
	if shared != "" {
		text += "both are connected to " + shared
	} else {
		text += "what is published on the " + b.name + " arrives on the " + a.name + " (servers " + b.place.ServerName + " and " + a.place.ServerName + " are joined)"
	}
	if o.Config.OneNetwork {
		return Check{ID: idNetwork, Level: OK, Text: text + ", as one_network says"}
	}
	c := Check{ID: idNetwork, Level: Warning, Where: o.where(b.name + ".servers")}
	c.Text = text + ": nothing but the rules keeps clients and nodes apart"
	c.Fix = []string{
		"if that is a mistake, give " + b.name + ".servers (or its login, if it is a matter of accounts) those of the other network",
		"if it is meant, set one_network: true (or FEDRELAY_ONE_NETWORK=true): then nothing warns of it",
	}
	if o.Config.IsEdge() {
		c.Fix = c.Fix[:1]
		c.Level, c.Text = Critical, text+": an edge would get back what it sends, and carries nothing"
	}
	return c
}

// keyOneNetwork is the setting with which an operator says that one network is meant.
const keyOneNetwork = "one_network"

// twoAccounts explains why one server is no mistake.
func twoAccounts(a, b *side) string {
	if a.place.ServerID != "" && a.place.ServerID == b.place.ServerID && a.place.Account != b.place.Account {
		return fmt.Sprintf(" (one server, accounts %s and %s)", a.place.Account, b.place.Account)
	}
	return ""
}

// crossTimeout is how long a message may take between the sides, if they are joined somewhere.
const crossTimeout = 300 * time.Millisecond

// crossing publishes on b to an inbox of a. told is false if the logins may not, or the message got
// lost: it has to arrive on a when a itself publishes it, or nothing is proved.
func crossing(ctx context.Context, a, b *side) (crosses, told bool) {
	inbox := a.session.Conn.NewInbox()
	if a.login == nil || !a.login.MaySubscribe(inbox, "") || !mayPublish(a, inbox) || !mayPublish(b, inbox) {
		return false, false
	}
	sub, err := a.session.Conn.SubscribeSync(inbox)
	if err != nil {
		return false, false
	}
	defer func() { _ = sub.Unsubscribe() }() // fails only with the connection
	ctx, cancel := context.WithTimeout(ctx, crossTimeout)
	defer cancel()
	if !arrives(ctx, a, sub, "own") {
		return false, false
	}
	return arrives(ctx, b, sub, "other"), true
}

// arrives publishes to the subject of sub, again and again because servers learn of a subscription
// one after the other, and reports whether the message comes. It blocks until then or until ctx
// ends.
func arrives(ctx context.Context, from *side, sub *nats.Subscription, text string) bool {
	const again = 20 * time.Millisecond
	for ctx.Err() == nil {
		if from.session.Conn.Publish(sub.Subject, []byte(text)) != nil || from.session.Conn.FlushWithContext(ctx) != nil {
			return false
		}
		waiting, cancel := context.WithTimeout(ctx, again)
		m, err := sub.NextMsgWithContext(waiting)
		cancel()
		if err == nil && string(m.Data) == text {
			return true
		}
	}
	return false
}

// mayPublish reports whether the server has said that it takes messages to a subject.
func mayPublish(s *side, subject string) bool {
	if s.login == nil {
		return false
	}
	return s.login.PublishesTo(subject)
}

// payloads compares the largest messages that both sides take.
func payloads(a, b *side) Check {
	first, second := a.session.MaxPayload(), b.session.MaxPayload()
	if first == second {
		return Check{ID: idPayload, Level: OK, Text: "max_payload is " + config.Size(first).String() + " on both sides"}
	}
	large, small := a, b
	if first < second {
		large, small, first, second = b, a, second, first
	}
	return Check{
		ID: idPayload, Level: Warning,
		Text: fmt.Sprintf("max_payload is %s on the %s and %s on the %s: what is larger than that is refused on the way there",
			config.Size(first), large.name, config.Size(second), small.name),
		Fix: []string{fmt.Sprintf("set max_payload: %d on the servers of the %s, too (and reload them)", first, small.name)},
	}
}
