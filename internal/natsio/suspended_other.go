//go:build !linux

package natsio

import "time"

// suspended is for how long the machine was suspended, which we do not know here: clocks that tell
// can be set, too.
func suspended() time.Duration { return 0 }
