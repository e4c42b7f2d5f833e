//go:build !linux

package trial

import "time"

func nap(d time.Duration) { time.Sleep(d) }
