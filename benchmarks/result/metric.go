package result

// The names of figures.
const (
	CPUCopy    = "cpu_us_per_copy"
	CPUReply   = "cpu_us_per_reply"
	CPURequest = "cpu_us_per_request"
	CPUMessage = "cpu_us_per_message"
	LastCopy   = "last_copy_ms"
	Rate       = "replies_per_s"
	P50        = "latency_us_p50"
	P99        = "latency_us_p99"
	Mean       = "request_us_mean"
	Added      = "added_us_p50"
	AddedMean  = "added_us_mean"
	Lost       = "lost"
	Duplicates = "duplicates"
	Memory     = "rss_peak_mib"
	Servers    = "servers_cpu_us"
	Harness    = "harness_cpu_us"
	Others     = "others_cpu_share"
	Lag        = "generator_lag_us_p99"
)

// A Metric is a figure and how to read it.
type Metric struct {
	Name, Title, Unit string
	Kind              Kind
	Higher            bool   // is better
	Beyond            string // the figure of which this is what goes beyond that of no relay; empty if it is measured itself
}

// A Kind says what a figure is for.
type Kind int

// Kinds of figures.
const (
	Main   Kind = iota // what the contest is about: in the table
	Detail             // compared, too
	Doubt              // helps to judge whether the others mean anything
)

// Metrics are all figures, in the order in which they are shown.
var Metrics = []Metric{
	{Name: CPUCopy, Title: "CPU per copy", Unit: "us"},
	{Name: CPUReply, Title: "CPU per reply", Unit: "us"},
	{Name: CPURequest, Title: "CPU per request", Unit: "us"},
	{Name: CPUMessage, Title: "CPU per copy or reply", Unit: "us"},
	{Name: LastCopy, Title: "time to last copy", Unit: "ms"},
	{Name: Rate, Title: "replies per second", Higher: true},
	{Name: Added, Title: "added latency p50", Unit: "us", Beyond: P50},
	{Name: AddedMean, Title: "added time per request", Unit: "us", Beyond: Mean},
	{Name: P99, Title: "latency p99", Unit: "us"},
	{Name: P50, Title: "latency p50", Unit: "us", Kind: Detail},
	{Name: Mean, Title: "time per request", Unit: "us", Kind: Detail},
	{Name: Memory, Title: "peak memory", Unit: "MiB", Kind: Detail},
	{Name: Lost, Title: "lost", Kind: Doubt},
	{Name: Duplicates, Title: "duplicates", Kind: Doubt},
	{Name: Servers, Title: "CPU of the servers", Unit: "us", Kind: Doubt},
	{Name: Harness, Title: "CPU of clients and nodes", Unit: "us", Kind: Doubt},
	{Name: Lag, Title: "generator behind plan p99", Unit: "us", Kind: Doubt},
	{Name: Others, Title: "share of the machine used by others", Kind: Doubt},
}
