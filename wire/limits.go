package wire

// Limits bound what Scan takes from one message.
type Limits struct {
	Depth   int // nesting of JSON values; the envelope itself needs 4, encoding/json ends at 10,000
	Hops    int // entries of the trace list that are written on: the first, and the last ones; what is read has no bound
	Targets int // entries of the target list

	// SkipTargets has the target list of a message, however long, stepped over: replies need none. It must still be JSON of
	// the right type, and Envelope.FedTargets stays 0.
	SkipTargets bool
}
