package socket

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// maxUnsent is about how many bytes the kernel takes that it cannot send yet: what is written next waits behind them. Left
// alone it takes four megabytes. With half of this, writes are woken so often that a copy costs a sixth more.
const maxUnsent = 2 << 20

// limitUnsent is for a socket that is about to connect. A kernel that knows no such limit takes more.
func limitUnsent(c syscall.RawConn) {
	_ = c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, maxUnsent)
	})
}
