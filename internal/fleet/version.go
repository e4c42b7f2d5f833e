package fleet

// Version is the generation of the transport protocol.
type Version int

// The two generations. Clients and nodes that talk must agree; a relay carries both.
const (
	V1 Version = 1
	V2 Version = 2
)

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
