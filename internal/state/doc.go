// Package state holds what a relay or an edge says about itself, as plain data: documents that are
// asked for over NATS (internal/service), shown in a terminal and on the page, and printed as JSON.
//
// A document has a number, [Schema], that changes when old readers would misread it. Fields are
// only added otherwise. Times are RFC 3339 in UTC, durations seconds, sizes bytes. Texts that
// others have written are clipped and printable ASCII. No document holds a payload or a credential.
//
//	Instance    one relay, or the part of an edge that serves a cluster, at one moment
//	Request     what one instance knows of a request
//	Rejection   a message that was rejected
//	Probe       how far an instance reaches towards a node
//
// All names in maps are those of pipeline.Fate and wire.Reason. Names that have counted nothing are
// left out.
package state

// Schema is the number of the documents that this package describes.
const Schema = 1
