package telemetry

import "sync/atomic"

// A rejection says why an HTTP request was rejected.
type rejection uint8

const (
	tooManyConnections rejection = iota
	foreignHost                  // see allowedHosts
	wrongMethod
	unknownPath
	wrongLogin
	notListening // a browser that may not listen to events
	otherMachine // for a reload
	otherOrigin  // for a reload
	noHandshake  // TLS with another machine has failed

	numRejections
)

var rejectionNames = [numRejections]string{
	"connections", "host", "method", "path", "login", "events", "machine", "origin", "handshake",
}

// String returns the name that r has in metrics.
func (r rejection) String() string { return rejectionNames[r] }

// rejections counts HTTP requests by why they were rejected.
type rejections [numRejections]atomic.Int64

func (r *rejections) count(why rejection) { r[why].Add(1) }

func (r *rejections) read() (counts [numRejections]int64) {
	for i := range r {
		counts[i] = r[i].Load()
	}
	return counts
}
