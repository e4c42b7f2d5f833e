//go:build !linux

package socket

import (
	"net"
	"syscall"
)

// limitUnsent does nothing: the default of the system stays.
func limitUnsent(syscall.RawConn) {}

func kernelQueue(net.Conn) (int, bool) { return 0, false }

func kernelAcknowledged(net.Conn) (int64, bool) { return 0, false }
