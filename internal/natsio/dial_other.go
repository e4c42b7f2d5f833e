//go:build !linux

package natsio

import (
	"syscall"
	"time"
)

// Elsewhere, pings that stay unanswered and the write deadline end such a connection.
func setUserTimeout(syscall.RawConn, time.Duration) error { return nil }
