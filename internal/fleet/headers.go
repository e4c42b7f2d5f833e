package fleet

// Headers are what stands beside the data of a message, in both versions.
type Headers struct {
	ReplyTo    string
	Sender     string
	Trace      [][]string
	Federation *Federation // nil: not federated
}

// Federation is the part of the headers that makes a message a federated one.
type Federation struct {
	Request string
	ReplyTo string   // added by the relay, repeated by the node
	Targets []string // set by the client, removed by the relay
}
