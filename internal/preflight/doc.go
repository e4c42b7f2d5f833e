// Package preflight finds out whether a relay, or an edge, would work with a configuration: by
// connecting to both sides as it would, and by looking at what the servers allow and who is there.
//
// # Nothing is taken, nothing is delivered
//
// A check may run beside relays that work. It takes no message from them, because it never joins a
// queue group: link.Session.JudgeSubscribe has the server judge a subscription that is not entered.
// What it publishes reaches nobody: questions to the server itself, empty messages to names that no
// node has, traces that are not delivered (package natstrace), and one message to its own inbox. It
// prefers to ask the server what the login may do. Only where that is not told it tries, a few
// subjects once each, because every refusal is a line in the server's log.
//
// # What comes out
//
// A [Report] is a list of [Check]: what was looked at, how it is, and what to do. A check that
// could not be made for lack of a right is a note, not a pass. Reports are written as text, as
// JSON, for Nagios and for Prometheus.
package preflight
