package wire

// A Version is that of a transport message. The protocol field alone decides which one it is.
type Version uint8

// The versions; 0 is none.
const (
	V1 Version = iota + 1
	V2
)

const (
	protocolV1 = "choria:transport:1"
	protocolV2 = "io.choria.protocol.v2.transport"
)

func versionOf(protocol []byte) Version {
	switch string(protocol) {
	case protocolV1:
		return V1
	case protocolV2:
		return V2
	}
	return 0
}
