package socket

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// kernelQueue is how many bytes the kernel has taken for conn that the other end has not acknowledged; false where it does not
// know.
func kernelQueue(conn net.Conn) (n int, known bool) {
	known = askKernel(conn, func(fd int) (err error) {
		n, err = unix.IoctlGetInt(fd, unix.SIOCOUTQ)
		return err
	})
	return n, known
}

// kernelAcknowledged is how many bytes that the kernel has sent for conn the other end has acknowledged; false where it does not
// know.
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
