//go:build !linux

package natsio

import "time"

// suspended returns 0. For how long the machine was suspended is not known here, because only
// clocks that can be set would show it.
func suspended() time.Duration { return 0 }
