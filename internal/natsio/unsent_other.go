//go:build !linux

package natsio

import "syscall"

// limitUnsent leaves the sizes of buffers to the system.
func limitUnsent(syscall.RawConn) {}
