package result

import "slices"

// The names of figures.
const (
	CPUCopy    = "cpu_us_per_copy"
	CPUReply   = "cpu_us_per_reply"
	LastCopy   = "last_copy_ms"
	Rate       = "replies_per_s"
	Lost       = "lost"
	Duplicates = "duplicates"
	Memory     = "rss_peak_mb"
)

// Median of values, which stay as they are; 0 of none.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
