//go:build linux && !norawio

package rawio

import (
	"net"
	"syscall"
)

// maxVector is how many pieces one writev takes: IOV_MAX of Linux.
const maxVector = 1024

// vectorOf returns the next pieces, as many as one system call takes, in the memory of v. It leaves
// out empty ones.
func vectorOf(v []syscall.Iovec, pieces net.Buffers) []syscall.Iovec {
	v = v[:0]
	for _, p := range pieces {
		if len(v) == maxVector {
			break
		}
		if len(p) > 0 {
			v = append(v, syscall.Iovec{Base: &p[0]})
			v[len(v)-1].SetLen(len(p))
		}
	}
	return v
}

// consume takes the first n bytes from pieces, and empty pieces behind them.
func consume(pieces *net.Buffers, n int) {
	for len(*pieces) > 0 {
		first := (*pieces)[0]
		if len(first) > n {
			(*pieces)[0] = first[n:]
			return
		}
		n -= len(first)
		(*pieces)[0] = nil
		*pieces = (*pieces)[1:]
	}
}
