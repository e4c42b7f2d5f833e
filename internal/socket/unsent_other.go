//go:build !linux

package socket

import "syscall"

// limitUnsent leaves the sizes of buffers to the system.
func limitUnsent(syscall.RawConn) {}
