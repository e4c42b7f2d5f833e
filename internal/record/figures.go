package record

import (
	"math"
	"slices"
	"strconv"
)

// The names of figures of a Series. How to read them is in package report.
const (
	CPUPerCopy    = "cpu_us_per_copy"
	CPUPerReply   = "cpu_us_per_reply"
	CPUPerRequest = "cpu_us_per_request"
	CPUPerMessage = "cpu_us_per_message"
	LastCopy      = "last_copy_ms"
	ReplyRate     = "replies_per_s"
	LatencyP50    = "latency_us_p50"
	LatencyP99    = "latency_us_p99"
	RequestMean   = "request_us_mean"
	AddedP50      = "added_us_p50"  // not measured: the latency that a relay adds
	AddedMean     = "added_us_mean" // likewise
	Lost          = "lost"
	Duplicates    = "duplicates"
	PeakMemory    = "rss_peak_mib"
	ServersCPU    = "servers_cpu_us"
	HarnessCPU    = "harness_cpu_us"
	OthersShare   = "others_cpu_share"
	GeneratorLag  = "generator_lag_us_p99"
)

// Digits rounds v to n digits: more would only look exact. What is no number becomes 0.
func Digits(v float64, n int) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', n, 64), 64)
	return v
}

// Median returns the median of values, 0 if there are none. It does not change values.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
