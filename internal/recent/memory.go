package recent

import (
	"hash/maphash"
	"unsafe"
)

// A Memory is all that one relay remembers. Requests is for its request path, Replies for its reply
// path, and each path has Rejections. They may be asked at any time from any goroutine.
type Memory struct {
	Requests *Requests
	Replies  *Replies
	Rejected [2]*Rejections // of the request path, and of the reply path
}

// bytesOfRequest is how much memory there is for each request that is remembered. Requests to one
// node need far less, and those to thousands far more.
const bytesOfRequest = 4 << 10

// mostRejections is how many rejections a path remembers.
const mostRejections = 256

// New returns a memory of about so many bytes, which it takes as it needs them. With 0 it returns a
// memory that remembers nothing.
func New(bytes int) *Memory {
	if bytes == 0 {
		return &Memory{}
	}
	seed, records := maphash.MakeSeed(), max(16, bytes/bytesOfRequest)
	denials := max(16, bytes/16/int(unsafe.Sizeof(denial{})))
	rejections := min(mostRejections, max(4, bytes/32/int(unsafe.Sizeof(rejection{}))))
	left := bytes - records*(int(unsafe.Sizeof(request{})+unsafe.Sizeof(replies{}))+2*(int(unsafe.Sizeof(slot{}))+8)) -
		denials*int(unsafe.Sizeof(denial{})) - 2*rejections*int(unsafe.Sizeof(rejection{}))
	ofReplies := left / 6
	return &Memory{
		Requests: &Requests{seed: seed, records: records, denials: newDenials(seed, denials), arena: newArena(left - ofReplies)},
		Replies:  &Replies{seed: seed, records: records, arena: newArena(ofReplies)},
		Rejected: [2]*Rejections{{most: rejections}, {most: rejections}},
	}
}

// clip returns the beginning of a text, for at most so many bytes.
func clip(text []byte, most int) []byte { return text[:min(len(text), most)] }

// Longest texts that are kept, in bytes.
const (
	mostID      = 256 // a sealed request id is longer than a plain one
	mostSender  = 128
	mostSubject = 256
)
