package load

// window is the nodes that one request asks: n of all, beginning at from and going round. Cells are
// in ascending order of the nodes, so the cell of a node can be computed and needs no map.
type window struct {
	from, n, all int
}

// windowOf is the window of request k. Each begins where the one before it ends.
func windowOf(k, n, all int) window {
	return window{from: int(int64(k) * int64(n) % int64(all)), n: n, all: all}
}

// wrapped is how many nodes of the window are less than from.
func (w window) wrapped() int { return max(0, w.from+w.n-w.all) }

// cell returns the cell of a node; false if the node is not asked.
func (w window) cell(node int) (int, bool) {
	front := w.wrapped()
	switch {
	case node < 0 || node >= w.all:
		return 0, false
	case node < front:
		return node, true
	case node >= w.from && node < w.from+w.n:
		return node - w.from + front, true
	}
	return 0, false
}

// node returns the node of a cell.
func (w window) node(cell int) int {
	if front := w.wrapped(); cell >= front {
		return cell - front + w.from
	}
	return cell
}

// targets lists the nodes, ascending; nil for all.
func (w window) targets() []uint32 {
	if w.n == w.all {
		return nil
	}
	out := make([]uint32, w.n)
	for i := range out {
		out[i] = uint32(w.node(i))
	}
	return out
}
