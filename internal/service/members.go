package service

import (
	"context"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/natstrace"
)

// A Member is a connection in the queue group that takes the requests of a cluster.
type Member struct {
	Connection string // its name, as it says; printable
	Server     string // that it is connected to
	Queue      string // its group
	// Identity is that of the fedrelay that the connection belongs to. It is empty for others, such
	// as the original broker.
	Identity string
}

// traced is how many messages are traced for Members. Each names one member by chance, in
// proportion to its share of the load: one that has a fourteenth of it, beside three others and
// go-choria's broker with ten, is overlooked in one of a million calls.
const traced = 200

// Members returns the members of the queue group that takes the requests of a cluster, sorted. One
// that hangs is among them, for as long as the server keeps its connection. One with a hundredth of
// the load may be overlooked, and those at other servers of a cluster of servers are: a server
// prefers its own. Nothing is delivered. The connection must not reconnect, as that of link.Single
// does not. Errors are those of natstrace.Trace, for example for servers before 2.11.
func Members(ctx context.Context, nc *nats.Conn, cluster string) ([]Member, error) {
	ways, err := natstrace.Sample(ctx, nc, "choria.federation."+cluster+".federation", traced)
	if err != nil {
		return nil, err
	}
	var all []Member
	for _, way := range ways {
		for _, m := range membersIn(way, cluster) {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, func(a, b Member) int { return strings.Compare(a.Connection+a.Server, b.Connection+b.Server) })
	return all, nil
}

// membersIn returns the members of queue groups that a trace names.
func membersIn(r natstrace.Result, cluster string) (all []Member) {
	for _, server := range r.Servers {
		for _, e := range server.To {
			if e.Kind == natstrace.Client && e.Error == "" && e.Queue != "" {
				m := Member{Connection: printable(e.Name), Server: printable(server.Name), Queue: printable(e.Queue)}
				m.Identity = identityIn(m.Connection, cluster)
				all = append(all, m)
			}
		}
	}
	return all
}

// identityIn returns the identity in the name of a connection on which a relay receives: fedrelay
// CLUSTER IDENTITY SIDE receive.
func identityIn(connection, cluster string) string {
	rest, ours := strings.CutPrefix(connection, "fedrelay "+cluster+" ")
	rest, receives := strings.CutSuffix(rest, " receive")
	if end := strings.LastIndex(rest, " "); ours && receives && end > 0 {
		return rest[:end]
	}
	return ""
}

// String names a member for an operator.
func (m Member) String() string {
	if m.Identity != "" {
		return m.Identity
	}
	return m.Connection + " (connected to " + m.Server + ")"
}

// Silent returns the members of Members that are no fedrelay of one of the identities that have
// answered: the brokers of others, and instances that hang or may not answer.
func Silent(ctx context.Context, nc *nats.Conn, cluster string, answered []string) ([]Member, error) {
	all, err := Members(ctx, nc, cluster)
	return slices.DeleteFunc(all, func(m Member) bool { return slices.Contains(answered, m.Identity) }), err
}
