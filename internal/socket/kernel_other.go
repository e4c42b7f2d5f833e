//go:build !linux

package socket

import "net"

func kernelQueue(net.Conn) (int, bool) { return 0, false }

func kernelAcknowledged(net.Conn) (int64, bool) { return 0, false }
