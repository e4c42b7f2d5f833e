package report

import "time"

// A Summary is a run in numbers. Its JSON is described by Schema; fields that point are null when they were not measured.
//
// The tags make the field known elsewhere: doc explains it in the schema; better (less or more) has Compare judge it.
type Summary struct {
	Started time.Time         `json:"started" doc:"when the first request was planned"`
	Version string            `json:"version" doc:"of the generator"`
	Command []string          `json:"command" doc:"as it was typed"`
	Relay   string            `json:"relay" doc:"the command or process watched; empty if unknown"`
	With    map[string]string `json:"settings" doc:"all settings, defaults included"`

	Elapsed   float64 `json:"elapsed_s" doc:"until the last answer, or until waiting was given up"`
	CPUs      int64   `json:"cpus" doc:"of the machine"`
	Nodes     int64   `json:"nodes" doc:"emulated"`
	InProcess bool    `json:"nodes_in_process" doc:"the nodes ran in the generator: copies are known"`

	Requests     int64  `json:"requests" doc:"planned"`
	Targets      int64  `json:"targets" doc:"of all requests together = replies + lost + silent"`
	Delivered    *int64 `json:"delivered" doc:"targets that got their copy"`
	Replies      int64  `json:"replies" doc:"targets that replied before the deadline"`
	Lost         int64  `json:"lost" doc:"targets without a reply before the deadline" better:"less"`
	Silent       int64  `json:"silent" doc:"targets simulated not to answer"`
	Duplicates   int64  `json:"duplicates" doc:"second copies and second replies" better:"less"`
	Misdelivered int64  `json:"misdelivered" doc:"copies and replies of nodes that were not asked" better:"less"`
	Late         int64  `json:"late" doc:"replies after the deadline; their targets are lost" better:"less"`

	Min  *float64 `json:"min_ms" doc:"the fastest reply" better:"less"`
	Mean *float64 `json:"mean_ms" doc:"mean time to a reply" better:"less"`
	P50  *float64 `json:"p50_ms" doc:"time to a reply" better:"less"`
	P90  *float64 `json:"p90_ms" doc:"time to a reply" better:"less"`
	P99  *float64 `json:"p99_ms" doc:"time to a reply" better:"less"`
	P999 *float64 `json:"p999_ms" doc:"time to a reply, 99.9 %" better:"less"`
	Max  *float64 `json:"max_ms" doc:"the slowest reply" better:"less"`

	FirstReply    *float64 `json:"first_reply_ms" doc:"time to the first reply of a request, median" better:"less"`
	FirstReplyP99 *float64 `json:"first_reply_p99_ms" doc:"time to the first reply of a request" better:"less"`
	LastReply     *float64 `json:"last_reply_ms" doc:"time to the last reply of a request, median" better:"less"`
	LastReplyP99  *float64 `json:"last_reply_p99_ms" doc:"time to the last reply of a request" better:"less"`

	CopyP50     *float64 `json:"copy_p50_ms" doc:"time to a copy" better:"less"`
	CopyP99     *float64 `json:"copy_p99_ms" doc:"time to a copy" better:"less"`
	LastCopy    *float64 `json:"last_copy_ms" doc:"time to the last copy of a request, median" better:"less"`
	LastCopyP99 *float64 `json:"last_copy_p99_ms" doc:"time to the last copy of a request" better:"less"`

	RequestRate *float64 `json:"requests_per_s" doc:"planned, from the first to the last; null for one request or a burst"`
	CopyRate    *float64 `json:"copies_per_s" doc:"until the last copy" better:"more"`
	ReplyRate   *float64 `json:"replies_per_s" doc:"until the last reply" better:"more"`

	CPUPerCopy    *float64 `json:"relay_cpu_us_per_copy" doc:"CPU time of the relay" better:"less"`
	CPUPerReply   *float64 `json:"relay_cpu_us_per_reply" doc:"CPU time of the relay" better:"less"`
	RelayCPU      *float64 `json:"relay_cpu_percent" doc:"of one CPU, over the run"`
	RelayRSS      *float64 `json:"relay_rss_mb" doc:"the most memory the relay had resident, 10^6 bytes" better:"less"`
	RelayThreads  *int64   `json:"relay_threads" doc:"the most"`
	RelayConns    *int64   `json:"relay_connections" doc:"the most"`
	RelaySwitches *float64 `json:"relay_switches_per_s" doc:"context switches, over the run"`

	GeneratorBound bool     `json:"generator_bound" doc:"the generator was the bottleneck: the run says little of the relay"`
	GeneratorWhy   string   `json:"generator_bound_why" doc:"what showed it"`
	GeneratorCPU   *float64 `json:"generator_cpu_percent" doc:"of one CPU, over the run"`
	GeneratorRSS   *float64 `json:"generator_rss_mb" doc:"10^6 bytes, the most"`
	Lag            float64  `json:"lag_max_ms" doc:"the most that a request was sent late"`
	SentP99        *float64 `json:"sent_p99_ms" doc:"from the planned time until the last message of a request was handed over"`

	RelayLedger []Ledger `json:"relay_ledger" doc:"what the relay says of itself, one a path"`
	Differences []string `json:"differences" doc:"where the books do not agree; should be empty"`
}

// A Ledger is what a relay says of one path, request or reply.
type Ledger struct {
	Path        string `json:"path" doc:"request or reply"`
	Received    int64  `json:"received" doc:"messages"`
	Rejected    int64  `json:"rejected" doc:"messages"`
	Accepted    int64  `json:"accepted" doc:"messages"`
	Dropped     int64  `json:"dropped" doc:"messages"`
	Copies      int64  `json:"copies" doc:"copies of accepted messages"`
	Confirmed   int64  `json:"confirmed" doc:"copies that a server has"`
	Unaccounted int64  `json:"unaccounted" doc:"copies without a fate"`
}
