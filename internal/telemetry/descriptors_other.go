//go:build !unix

package telemetry

import "math"

// maxDescriptors returns more than any process has: the limit is not known here.
func maxDescriptors() uint64 { return math.MaxUint64 }
