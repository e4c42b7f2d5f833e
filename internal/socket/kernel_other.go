//go:build !linux

package socket

import (
	"net"
	"syscall"
)

// limitUnsent leaves the sizes of buffers to the system.
func limitUnsent(syscall.RawConn) {}

func kernelQueue(net.Conn) (int, bool) { return 0, false }

func kernelAcknowledged(net.Conn) (int64, bool) { return 0, false }
