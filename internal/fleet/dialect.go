package fleet

import "time"

// question is a request, without the layers around it.
type question struct {
	id, sender, caller, collective, agent string
	body                                  string
	asked                                 time.Time
}

// answer is what a checked reply says about itself.
type answer struct {
	id, sender string
}

// dialect is one version of the protocol. Implementations are stateless.
type dialect interface {
	newID() string
	// marshal builds a message, with the keys in the order of the real client and node.
	marshal(data []byte, h Headers) []byte
	unmarshal(raw []byte) (data []byte, h Headers, err error)
	// seal wraps a request in the secure layer, unsigned; unseal undoes it.
	seal(q question) []byte
	unseal(data []byte) (question, error)
	// reply prepares the secure replies of all nodes to q.
	reply(q question, body string, at time.Time) (secureTemplate, error)
	// check opens a secure reply and compares its hash.
	check(data []byte) (answer, error)
	// senderKey is what stands in front of the name of the sender in compact JSON.
	senderKey() string
}
