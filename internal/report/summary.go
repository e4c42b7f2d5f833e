package report

import "time"

// A Summary is a run in numbers, and the JSON of a run. Fields that point are null when they were
// not measured. Those with the tag better, less or more, are judged by Compare.
type Summary struct {
	Started time.Time         `json:"started"`  // when the first request was planned
	Version string            `json:"version"`  // of the generator
	Command []string          `json:"command"`  // as it was typed
	Relay   string            `json:"relay"`    // the command or process watched; empty if unknown
	With    map[string]string `json:"settings"` // all settings, defaults included

	Elapsed   float64 `json:"elapsed_s"`        // until the last answer, or the end of waiting
	CPUs      int64   `json:"cpus"`             // of the machine
	Nodes     int64   `json:"nodes"`            // emulated
	InProcess bool    `json:"nodes_in_process"` // the nodes ran in the generator: copies are known

	Requests     int64  `json:"requests"`                   // planned
	Targets      int64  `json:"targets"`                    // = replies + lost + silent
	Delivered    *int64 `json:"delivered"`                  // targets that got their copy
	Replies      int64  `json:"replies"`                    // that came before the deadline
	Lost         int64  `json:"lost" better:"less"`         // targets without such a reply
	Silent       int64  `json:"silent"`                     // targets simulated not to answer
	Duplicates   int64  `json:"duplicates" better:"less"`   // second copies and second replies
	Misdelivered int64  `json:"misdelivered" better:"less"` // where nobody was asked
	Late         int64  `json:"late" better:"less"`         // too late: their targets are lost

	Min  *float64 `json:"min_ms" better:"less"`  // the fastest reply
	Mean *float64 `json:"mean_ms" better:"less"` // mean time to a reply
	P50  *float64 `json:"p50_ms" better:"less"`  // time to a reply
	P90  *float64 `json:"p90_ms" better:"less"`  // time to a reply
	P99  *float64 `json:"p99_ms" better:"less"`  // time to a reply
	P999 *float64 `json:"p999_ms" better:"less"` // time to a reply, 99.9 %
	Max  *float64 `json:"max_ms" better:"less"`  // the slowest reply

	// Time to the first reply and to the last one.
	FirstReply    *float64 `json:"first_reply_ms" better:"less"`     // median of requests
	FirstReplyP99 *float64 `json:"first_reply_p99_ms" better:"less"` // of requests
	LastReply     *float64 `json:"last_reply_ms" better:"less"`      // median of requests
	LastReplyP99  *float64 `json:"last_reply_p99_ms" better:"less"`  // of requests

	// Time to a copy, and to the last one of a request.
	CopyP50     *float64 `json:"copy_p50_ms" better:"less"`      // time to a copy
	CopyP99     *float64 `json:"copy_p99_ms" better:"less"`      // time to a copy
	LastCopy    *float64 `json:"last_copy_ms" better:"less"`     // median of requests
	LastCopyP99 *float64 `json:"last_copy_p99_ms" better:"less"` // of requests

	// RequestRate is as planned, and null for one request or a burst.
	RequestRate *float64 `json:"requests_per_s"`
	CopyRate    *float64 `json:"copies_per_s" better:"more"`  // until the last copy
	ReplyRate   *float64 `json:"replies_per_s" better:"more"` // until the last reply

	CPUPerCopy    *float64 `json:"relay_cpu_us_per_copy" better:"less"`  // CPU time of the relay
	CPUPerReply   *float64 `json:"relay_cpu_us_per_reply" better:"less"` // CPU time of the relay
	RelayCPU      *float64 `json:"relay_cpu_percent"`                    // of one CPU, over the run
	RelayRSS      *float64 `json:"relay_rss_mb" better:"less"`           // the most, 10^6 bytes
	RelayThreads  *int64   `json:"relay_threads"`                        // the most
	RelayConns    *int64   `json:"relay_connections"`                    // the most
	RelaySwitches *float64 `json:"relay_switches_per_s"`                 // context switches

	GeneratorBound bool     `json:"generator_bound"`       // it was the bottleneck, not the relay
	GeneratorWhy   string   `json:"generator_bound_why"`   // what showed it
	GeneratorCPU   *float64 `json:"generator_cpu_percent"` // of one CPU, over the run
	GeneratorRSS   *float64 `json:"generator_rss_mb"`      // 10^6 bytes, the most
	Lag            float64  `json:"lag_max_ms"`            // the most that a request was sent late
	SentP99        *float64 `json:"sent_p99_ms"`           // from the plan to the last message

	RelayLedger []Ledger `json:"relay_ledger"` // what the relay says of itself, one a path
	Differences []string `json:"differences"`  // where the books do not agree; should be empty
}

// A Ledger is what a relay says of one path, request or reply.
type Ledger struct {
	Path        string `json:"path"`        // request or reply
	Received    int64  `json:"received"`    // messages
	Rejected    int64  `json:"rejected"`    // messages
	Accepted    int64  `json:"accepted"`    // messages
	Dropped     int64  `json:"dropped"`     // messages
	Copies      int64  `json:"copies"`      // copies of accepted messages
	Confirmed   int64  `json:"confirmed"`   // copies that a server has
	Unaccounted int64  `json:"unaccounted"` // copies without a fate
}
