package fleet

import (
	"fmt"
	"regexp"
)

// identity matches names of nodes. They stand in JSON without escapes, and in subjects.
var identity = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// Roster is the list of all nodes of a run. A node is known by its index. Read-only after
// NewRoster.
type Roster struct {
	names []string
	index map[string]int
}

// Names makes n node names for a site, such as node00001.london.example.net.
func Names(site string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("node%05d.%s.example.net", i+1, site)
	}
	return names
}

// NewRoster keeps names, which must be distinct and made of letters, digits, dashes, underscores
// and single dots.
func NewRoster(names []string) (*Roster, error) {
	r := &Roster{names: names, index: make(map[string]int, len(names))}
	for i, name := range names {
		if !identity.MatchString(name) {
			return nil, fmt.Errorf("fleet: %q cannot be a node's name", name)
		}
		if _, ok := r.index[name]; ok {
			return nil, fmt.Errorf("fleet: two nodes are called %q", name)
		}
		r.index[name] = i
	}
	return r, nil
}

// Len is the number of nodes.
func (r *Roster) Len() int { return len(r.names) }

// Name of node i.
func (r *Roster) Name(i int) string { return r.names[i] }

// Targets says whom a request is for. Make it once, use it for any number of requests.
type Targets struct {
	nodes     []int
	set       bitset
	broadcast bool
}

// Len is the number of nodes asked.
func (t *Targets) Len() int { return len(t.nodes) }

// Directed addresses each node by its name; nil means every node. It panics on a node that is not
// in the roster.
func (r *Roster) Directed(nodes []int) *Targets { return r.targets(nodes, false) }

// Broadcast addresses whoever hears it, and expects those nodes to answer; nil means every node.
func (r *Roster) Broadcast(nodes []int) *Targets { return r.targets(nodes, true) }

func (r *Roster) targets(nodes []int, broadcast bool) *Targets {
	if nodes == nil {
		nodes = make([]int, r.Len())
		for i := range nodes {
			nodes[i] = i
		}
	}
	t := &Targets{nodes: nodes, set: newBitset(r.Len()), broadcast: broadcast}
	for _, i := range nodes {
		if !t.set.add(i) {
			panic(fmt.Sprintf("fleet: BUG: node %d is a target twice", i))
		}
	}
	return t
}
