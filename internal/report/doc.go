// Package report tells what was measured: one run of the load generator, as text, JSON or one
// self-contained page of HTML, or a series of the benchmarks, as text, Markdown or such a page. It
// compares what was measured several times, and holds a run against thresholds.
//
// [Summarize] makes all numbers of a run; everything else shows them. A number that was not
// measured is unknown (null in JSON, a dash in text), never 0: copies are unknown when the nodes
// ran in another process, costs when nobody watched the relay.
//
// # Comparison
//
// [Compare], [Versus] and [CompareSeries] give verdicts by one rule, which is in verdict.go: three
// repetitions on each side, in turns, and a difference that they do not show among themselves.
// In a series in which one relay took part twice it must also be larger than that of those two.
//
// # Goals
//
// A series says how the relay stands to what it is to reach, best by best (goals.go). A goal
// against a contestant that took no part, or in a scenario that was not measured, is not judged.
//
// # Latency
//
// Latencies count from the moment for which a request was planned, also when the generator was
// late. They are kept in HDR histograms of three digits. Those of "each reply" have one value a
// reply; those of the first reply, the last reply and the last copy have one value a request, so
// that with few requests the high percentiles are all the slowest request.
//
// # Books
//
// Targets = replied + lost + silent, where silent nodes were simulated not to answer. A late reply
// does not count as a reply. The same numbers are counted again from the requests, and compared
// with what the relay says of itself, if it does: differences are in [Summary.Differences], and
// there should be none.
package report
