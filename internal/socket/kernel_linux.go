package socket

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxUnsent is about how many bytes the kernel accepts before it can send them. A later write waits
// behind all of them, so less is better. The default is four megabytes. With half of maxUnsent,
// writes are woken so often that a copy costs a sixth more.
const maxUnsent = 2 << 20

// limitUnsent sets maxUnsent for a socket that is about to connect. A kernel without such an option
// keeps its default.
func limitUnsent(c syscall.RawConn) {
	_ = c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, maxUnsent)
	})
}

// kernelQueue returns how many bytes that were written to conn the other end has not acknowledged.
// known is false where the kernel cannot say.
func kernelQueue(conn net.Conn) (n int, known bool) {
	known = askKernel(conn, func(fd int) (err error) {
		n, err = unix.IoctlGetInt(fd, unix.SIOCOUTQ)
		return err
	})
	return n, known
}

// kernelAcknowledged returns how many bytes that were written to conn the other end has
// acknowledged. known is false where the kernel cannot say.
func kernelAcknowledged(conn net.Conn) (n int64, known bool) {
	known = askKernel(conn, func(fd int) error {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err == nil {
			n = int64(info.Bytes_acked)
		}
		return err
	})
	return n, known && n > 0 // old kernels do not count
}

// askKernel calls ask with the descriptor of conn, and reports whether there was an answer.
func askKernel(conn net.Conn, ask func(fd int) error) bool {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	ctlErr := raw.Control(func(fd uintptr) { err = ask(int(fd)) })
	return ctlErr == nil && err == nil
}
