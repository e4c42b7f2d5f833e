package wire

// Limits bound what Scan takes from one message.
type Limits struct {
	Depth   int // nesting of JSON values; the envelope itself needs 4, encoding/json ends at 10,000
	Hops    int // entries of the trace list
	Targets int // entries of the target list
}
