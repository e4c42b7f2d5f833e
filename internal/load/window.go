package load

// window is the nodes that one request is for: n of all, beginning at from and going round. Cells are in ascending order of
// the nodes, so a node's cell is a matter of arithmetic, without a map for each request.
type window struct {
	from, n, all int
}

// turn is the window of the k-th request: each goes on where the one before it ended.
func turn(k, n, all int) window {
	return window{from: int(int64(k) * int64(n) % int64(all)), n: n, all: all}
}

// wrapped is how many nodes of the window are in front of from.
func (w window) wrapped() int { return max(0, w.from+w.n-w.all) }

// cell of a node; false if it is not asked.
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

// node of a cell.
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
