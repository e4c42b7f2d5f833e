// Package report tells what a load run observed, as text, JSON or one self-contained page of HTML, compares two runs, and holds
// a run against thresholds.
//
// [Summarize] makes all numbers; everything else shows them. A number that was not measured is unknown (null in JSON, a dash in
// text), never 0: copies are unknown when the nodes ran in another process, costs when nobody watched the relay.
//
// # Latency
//
// Latencies count from the moment for which a request was planned, also when the generator was late. They are kept in HDR
// histograms of three digits. Those of "each reply" have one value a reply; those of the first reply, the last reply and the
// last copy have one value a request, so that with few requests the high percentiles are all the slowest request.
//
// # Books
//
// Targets = replied + lost + silent, where silent nodes were simulated not to answer. A late reply does not count as a reply.
// The same numbers are counted again from the requests, and compared with what the relay says of itself, if it does:
// differences are in [Summary.Differences], and there should be none.
package report
