package socket

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxUnsent is about how many bytes the kernel takes that it cannot send yet: what is written next
// waits behind them. Left alone it takes four megabytes. With half of this, writes are woken so
// often that a copy costs a sixth more.
const maxUnsent = 2 << 20

// limitUnsent is for a socket that is about to connect. A kernel that knows no such limit takes
// more.
func limitUnsent(c syscall.RawConn) {
	_ = c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, maxUnsent)
	})
}

// kernelQueue is how many bytes the kernel has taken for conn that the other end has not
// acknowledged. It is false where it does not know.
func kernelQueue(conn net.Conn) (n int, known bool) {
	known = askKernel(conn, func(fd int) (err error) {
		n, err = unix.IoctlGetInt(fd, unix.SIOCOUTQ)
		return err
	})
	return n, known
}

// kernelAcknowledged is how many bytes that the kernel has sent for conn the other end has
// acknowledged. It is false where it does not know.
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
