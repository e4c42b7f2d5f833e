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

const (
	// mostTraces bounds how often Members asks.
	mostTraces = 150
	// inVain is how many traces in a row must name nobody new, for each member that is known.
	// Servers choose at random, so that one of two members is overlooked in one of a thousand
	// calls, and one of more even less often.
	inVain = 10
)

// Members returns the members of the queue group that takes the requests of a cluster, sorted. One
// that hangs is among them, for as long as the server keeps its connection. One with a small share
// of the load may be overlooked: a trace names one member by chance, so Members asks again and
// again, until nobody new is named. Nothing is delivered. The connection must not reconnect, as
// that of link.Single does not. Errors are those of natstrace.Trace, for example for servers before
// 2.11.
func Members(ctx context.Context, nc *nats.Conn, cluster string) ([]Member, error) {
	var all []Member
	for asked, since := 0, 0; asked < mostTraces && since < inVain*max(1, len(all)); asked, since = asked+1, since+1 {
		result, err := natstrace.Trace(ctx, nc, "choria.federation."+cluster+".federation")
		if err != nil {
			return all, err
		}
		if result.Found() != natstrace.Yes {
			break
		}
		for _, m := range membersIn(result, cluster) {
			if !slices.Contains(all, m) {
				all, since = append(all, m), 0
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
