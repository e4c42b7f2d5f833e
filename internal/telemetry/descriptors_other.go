//go:build !unix

package telemetry

import "math"

// maxDescriptors is not known here.
func maxDescriptors() uint64 { return math.MaxUint64 }
