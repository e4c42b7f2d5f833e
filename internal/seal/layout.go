package seal

import (
	"encoding/base64"
	"encoding/binary"
	"time"
)

const (
	// family begins the seals of all versions, prefix those of this one.
	family = "fs"
	prefix = family + "1."

	// MaxRequest is how many bytes of a request id a seal holds. A longer one is left out.
	MaxRequest = 2048
	// MaxLen is how many bytes a seal has at most.
	MaxLen = len(prefix) + ((headLen+MaxRequest+macLen)*8+5)/6

	// Leeway is how long after its deadline a seal still opens, because the clocks of hosts differ.
	Leeway = 5 * time.Second
)

// Lengths and offsets of what a seal decodes to, in bytes.
const (
	scopeLen = 3
	idLen    = 4
	headLen  = 18
	macLen   = 16

	idAt       = scopeLen
	issuedAt   = idAt + idLen
	lifetimeAt = 14
)

// encoding is strict: of all texts that decode to the same bytes, one is a seal.
var encoding = base64.RawURLEncoding.Strict()

// Claims are what a seal says.
type Claims struct {
	Issued   time.Time // when it was made, to the microsecond
	Deadline time.Time // until when replies are wanted, to the millisecond
	Request  []byte    // the request id that it replaces
}

// appendHead appends the first part of a seal. Times before 1970 are taken for 1970, and lifetimes
// of more than 49 days for 49 days.
func appendHead(dst []byte, scope [scopeLen]byte, id [idLen]byte, c *Claims) []byte {
	issued := max(0, c.Issued.UnixMicro())
	lifetime := min(max(0, c.Deadline.UnixMilli()-issued/1000), 1<<32-1)
	dst = append(dst, scope[:]...)
	dst = append(dst, id[:]...)
	var micros [8]byte
	binary.BigEndian.PutUint64(micros[:], uint64(issued))
	dst = append(dst, micros[1:]...)
	return binary.BigEndian.AppendUint32(dst, uint32(lifetime))
}

// readTimes reads the times of a seal.
func (c *Claims) readTimes(raw []byte) {
	issued := int64(binary.BigEndian.Uint64(raw[issuedAt-1:]) & (1<<56 - 1))
	lifetime := int64(binary.BigEndian.Uint32(raw[lifetimeAt:]))
	c.Issued = time.UnixMicro(issued)
	c.Deadline = time.UnixMilli(issued/1000 + lifetime)
}

// appendBound appends what a seal is bound to, besides its own bytes.
func appendBound(dst, reply []byte) []byte {
	dst = append(dst, reply...)
	return binary.BigEndian.AppendUint32(dst, uint32(len(reply)))
}
