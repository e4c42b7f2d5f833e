// Package observe watches the relays of clusters from outside, over NATS: it asks all instances
// again and again, keeps what each said last, and computes rates and shares. It shows them as text,
// as JSON, or (package screen) in a terminal.
//
//	Watch      asks until it is told to stop, over one connection after another
//	Model      what has been heard
//	Snapshot   all of that at one moment, as a document
//
// An instance is known by its cluster, its identity and its start. One that stops answering stays
// in the list with its last figures. Silence is measured by the clock of whoever watches, rates by
// the clock of the instance where that is plausible.
//
// Brokers of 2017 answer no questions. They publish a document every ten seconds, which counts
// messages but not fates.
package observe

// Schema is the number of Snapshot. It changes when old readers would misread it.
const Schema = 1
