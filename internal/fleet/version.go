package fleet

import "time"

// Version is the generation of the transport protocol.
type Version int

// The two generations. Clients and nodes that talk must agree; a relay carries both.
const (
	V1 Version = 1
	V2 Version = 2
)

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

// question is a request, without the layers around it.
type question struct {
	id, sender, caller, collective, agent string
	body                                  string
	at                                    time.Time
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

// Envelope writes a message as clients, nodes and relays do: data, which becomes base64, and what
// stands beside it.
func (v Version) Envelope(data []byte, h Headers) []byte { return v.dialect().marshal(data, h) }

func (v Version) dialect() dialect {
	if v == V2 {
		return v2{}
	}
	return v1{}
}

// Collective is the version's usual collective name, the first token of its subjects.
func (v Version) Collective() string {
	if v == V2 {
		return "choria"
	}
	return "mcollective"
}

func (v Version) caller() string {
	if v == V2 {
		return "up=alice"
	}
	return "choria=alice.mcollective"
}
