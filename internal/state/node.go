package state

import (
	"slices"
	"strings"
)

// A Node is a target of a request that is one node.
type Node struct {
	Target   string `json:"target"` // its subject
	Answered bool   `json:"answered"`
	Denied   bool   `json:"denied,omitempty"` // the server denied its copy
	mark     uint32
}

// NodeName returns the name of the node that listens to a target, C.node.NAME. It returns false for
// a target that addresses more than one node.
func NodeName(target string) (name string, ok bool) {
	_, rest, _ := strings.Cut(target, ".")
	if name, ok = strings.CutPrefix(rest, "node."); !ok {
		return "", false
	}
	return name, true
}

// Nodes returns the nodes that the given documents of one request name, each once, in the order of
// their targets. A node has answered if it has through any instance.
func Nodes(all []Request) (nodes []Node) {
	answered := make(map[uint32]bool)
	denied := make(map[string]bool)
	for _, r := range all {
		for _, m := range r.Answered {
			answered[m] = true
		}
		for _, target := range r.Denied {
			denied[target] = true
		}
	}
	for _, r := range all {
		for _, target := range r.Names {
			if mark, ok := r.MarkOf(target); ok {
				nodes = append(nodes, Node{target, answered[mark], denied[target], mark})
			}
		}
	}
	slices.SortFunc(nodes, func(a, b Node) int { return strings.Compare(a.Target, b.Target) })
	return slices.CompactFunc(nodes, func(a, b Node) bool { return a.Target == b.Target })
}
