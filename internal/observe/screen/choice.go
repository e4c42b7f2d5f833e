package screen

import (
	"cmp"
	"slices"

	"github.com/fedrelay/fedrelay/internal/observe"
)

// A Choice is what somebody has chosen to see.
type Choice struct {
	Cluster int    // the place in the snapshot
	Order   int    // one of orders
	Name    string // of the member that the cursor is on; empty: the first
	Detail  bool   // only that member
	Help    bool
}

// orders are those of the table.
var orders = []struct {
	name    string
	compare func(a, b observe.Member) int
}{
	{"name", func(a, b observe.Member) int { return 0 }}, // as in the snapshot
	{"trouble", func(a, b observe.Member) int { return cmp.Compare(trouble(b), trouble(a)) }},
	{"received", func(a, b observe.Member) int { return cmp.Compare(b.Request.Received, a.Request.Received) }},
	{"sent", func(a, b observe.Member) int { return cmp.Compare(b.Request.SentRate, a.Request.SentRate) }},
	{"replies", func(a, b observe.Member) int { return cmp.Compare(b.Reply.SentRate, a.Reply.SentRate) }},
	{"latency", func(a, b observe.Member) int {
		return cmp.Compare(max(b.Request.Latency.P99, b.Reply.Latency.P99), max(a.Request.Latency.P99, a.Reply.Latency.P99))
	}},
}

// trouble says how bad it is: silent is worse than not ready.
func trouble(m observe.Member) int {
	switch {
	case m.Silent > 0:
		return 3
	case m.Instance != nil && !m.Instance.Ready:
		return 2
	case m.Instance != nil && len(m.Instance.Warnings) > 0:
		return 1
	}
	return 0
}

// cluster returns the chosen cluster.
func (c Choice) cluster(s observe.Snapshot) observe.Cluster {
	if len(s.Clusters) == 0 {
		return observe.Cluster{}
	}
	return s.Clusters[c.Cluster%len(s.Clusters)]
}

// members returns the members in the chosen order, and the place of the cursor, 0 if there are
// none.
func (c Choice) members(s observe.Snapshot) (members []observe.Member, cursor int) {
	members = slices.Clone(c.cluster(s).Members)
	slices.SortStableFunc(members, orders[c.Order%len(orders)].compare)
	cursor = slices.IndexFunc(members, func(m observe.Member) bool { return key(m) == c.Name })
	return members, max(cursor, 0)
}

// key tells members apart: two may have one name.
func key(m observe.Member) string { return m.Name + m.Started.String() }

// move puts the cursor by places further.
func (c Choice) move(s observe.Snapshot, by int) Choice {
	if members, cursor := c.members(s); len(members) > 0 {
		c.Name = key(members[min(max(cursor+by, 0), len(members)-1)])
	}
	return c
}

// press returns what is chosen after a key. rows is the height of the screen.
func (c Choice) press(key string, s observe.Snapshot, rows int) Choice {
	switch key {
	case "?", "h":
		c.Help = !c.Help
	case "esc":
		c.Help, c.Detail = false, false
	case "enter", "tab", "right", "left":
		c.Detail = !c.Detail
	case "s", "o":
		c.Order = (c.Order + 1) % len(orders)
	case "S":
		c.Order = (c.Order + len(orders) - 1) % len(orders)
	case "c", "C":
		if n := len(s.Clusters); n > 0 {
			by := map[string]int{"c": 1, "C": n - 1}[key]
			c.Cluster, c.Name, c.Detail = (c.Cluster+by)%n, "", false
		}
	default:
		steps := map[string]int{
			"up": -1, "k": -1, "down": 1, "j": 1, "pgup": -rows / 2, "pgdown": rows / 2, "home": -1 << 30, "g": -1 << 30,
			"end": 1 << 30, "G": 1 << 30,
		}
		if by := steps[key]; by != 0 {
			c = c.move(s, by)
		}
	}
	return c
}
