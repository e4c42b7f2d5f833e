package record

import "fmt"

// check returns an error if something is wrong with the run, but for its requests.
func (r *Run) check() error {
	if len(r.Nodes) > maxNodes {
		return errTooLarge
	}
	return nil
}

// check returns an error if a request contradicts itself or the number of nodes.
func (r *Request) check(nodes int) error {
	want := nodes
	if r.Targets != nil {
		want = len(r.Targets)
	}
	for i, target := range r.Targets {
		if int(target) >= nodes || i > 0 && target <= r.Targets[i-1] {
			return fmt.Errorf("record: target %d is no node or out of order", target)
		}
	}
	for _, m := range r.Marks {
		if int(m.Node) >= nodes {
			return fmt.Errorf("record: a mark for node %d, which does not exist", m.Node)
		}
	}
	for _, column := range [][]uint32{r.Copies, r.Replies} {
		if column != nil && len(column) != want {
			return fmt.Errorf("record: %d latencies for %d targets", len(column), want)
		}
	}
	return nil
}
