package load

// Counts is everything that passed the generator, faults included: what the books of a relay are
// compared with.
type Counts struct {
	Messages int64 // published
	Copies   int64 // arrived at nodes of this process, also at the wrong ones
	Replies  int64 // arrived at the client, to requests of this run
	Strays   int64 // arrived at the client, to other requests
	Checked  int64 // replies unwrapped and compared with what their node must have sent
	Corrupt  int64 // replies that were something else
}
