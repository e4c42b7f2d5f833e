package state

import "context"

// A Source is an instance that can be asked about itself. All methods may be called at any time
// from many goroutines. None but Probe blocks. The caller owns what they return.
type Source interface {
	// Instance returns the instance at this moment.
	Instance() Instance
	// Requests returns the latest requests, at most n, newest first.
	Requests(n int) []Summary
	// Request returns what is known of a request, and false if that is nothing.
	Request(id string) (Request, bool)
	// Rejections returns the latest rejections, at most n, newest first.
	Rejections(n int) []Rejection
	// Probe finds out how far a subject of the collective is reached. It blocks for servers until
	// ctx ends.
	Probe(ctx context.Context, target string) Probe
}
