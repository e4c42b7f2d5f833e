//go:build !linux

package natsio

import (
	"net"
	"syscall"
	"time"
)

// Elsewhere, pings that stay unanswered and the write deadline end such a connection.
func setUserTimeout(syscall.RawConn, time.Duration) error { return nil }

func kernelQueue(net.Conn) (int, bool) { return 0, false }
