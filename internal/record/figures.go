package record

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
	LatencyP999   = "latency_us_p999"
	RequestMean   = "request_us_mean"
	AddedP50      = "added_us_p50"            // not measured: the latency that a relay adds
	AddedMean     = "added_us_mean"           // likewise
	ServersByCopy = "servers_cpu_us_per_copy" // as ServersCPU, where it is part of the question
	Switches      = "switches_per_message"
	Allocations   = "allocations_per_message"
	GCPause       = "gc_pause_ns_per_message"
	Lost          = "lost"
	Duplicates    = "duplicates"
	PeakMemory    = "rss_peak_mib"
	ServersCPU    = "servers_cpu_us"
	HarnessCPU    = "harness_cpu_us"
	OthersShare   = "others_cpu_share"
	GeneratorLag  = "generator_lag_us_p99"
)
