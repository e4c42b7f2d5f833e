//go:build !linux

package line

import "time"

func nap(d time.Duration) { time.Sleep(d) }
