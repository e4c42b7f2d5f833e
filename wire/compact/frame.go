package compact

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/fedrelay/fedrelay/wire"
)

// The bytes in front of a message's streams. See the package comment for a drawing.
const (
	version    = 1
	kindAt     = 2
	checksumAt = 3
	headerAt   = 7 // behind the checksum
)

// A header is what a message says about itself before anything is expanded.
type header struct {
	kind     Kind
	bytes    int // that it expands to
	messages int
	targets  int
	text     int // bytes of the text stream when it is unpacked
	packed   int // bytes of the text stream in the message; as many as text if it is not packed
	raw      int // bytes of the raw stream
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is CRC-32C of all of m but the checksum itself. It finds every damage of up to 32 bits
// in a row, and processors have an instruction for it. It is no protection against malice: that is
// the business of the signatures inside, and of the line's TLS.
func checksum(m []byte) uint32 {
	return crc32.Update(crc32.Checksum(m[:checksumAt], castagnoli), castagnoli, m[headerAt:])
}

// appendHeader appends everything up to the streams, with an empty checksum.
func appendHeader(dst []byte, h *header) []byte {
	dst = append(dst, Mark, version, byte(h.kind), 0, 0, 0, 0)
	for _, n := range [...]int{h.bytes, h.messages, h.targets, h.text, h.packed, h.raw} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	return dst
}

// finish fills m up to the size that its contents need, and sets its checksum.
func finish(m []byte, from, bytes int) []byte {
	for len(m)-from < (bytes+MaxRatio-1)/MaxRatio {
		m = append(m, 0)
	}
	binary.LittleEndian.PutUint32(m[from+checksumAt:], checksum(m[from:]))
	return m
}

// parseHeader reads the header of m, checks it against the limits, and returns the streams as they
// are in the message.
func parseHeader(m []byte, l Limits) (h header, packed, raw []byte, reason wire.Reason) {
	switch {
	case len(m) < 2 || m[0] != Mark:
		return h, nil, nil, wire.CompactMalformed
	case m[1] != version:
		return h, nil, nil, wire.CompactVersion
	case len(m) < headerAt:
		return h, nil, nil, wire.CompactMalformed
	case checksum(m) != binary.LittleEndian.Uint32(m[checksumAt:]):
		return h, nil, nil, wire.CompactChecksum
	}
	r := reader{text: m[headerAt:]}
	h.kind = Kind(m[kindAt])
	const largest = 1 << 40
	for _, n := range [...]*int{&h.bytes, &h.messages, &h.targets, &h.text, &h.packed, &h.raw} {
		*n = r.count(largest)
	}
	if reason := h.check(len(m), l); r.bad || reason != wire.OK {
		if r.bad {
			reason = wire.CompactMalformed
		}
		return h, nil, nil, reason
	}
	packed = r.take(h.packed)
	raw = r.take(h.raw)
	for _, c := range r.text {
		r.bad = r.bad || c != 0
	}
	if r.bad {
		return h, nil, nil, wire.CompactMalformed
	}
	return h, packed, raw, wire.OK
}

// minMessage is less than the size of the smallest message that there can be.
const minMessage = 64

// largestText is how large the text stream of messages of n bytes may be. It is smaller than they
// are, unless they are made to be otherwise.
func largestText(n int) int { return 2*n + 1024 }

// budgetFor returns what making messages of n bytes may cost: a byte of flat text costs 1, and a
// slot of a row slotBytes. Flat texts are smaller than messages, and a row has slotsFor its size.
func budgetFor(n int) int { return 4*n + 1024 }

// check judges what a message of size bytes says about itself, before memory is taken for it.
func (h *header) check(size int, l Limits) wire.Reason {
	switch {
	case h.kind != KindRequest && h.kind != KindReplies, h.messages == 0, h.packed > h.text:
		return wire.CompactMalformed
	case h.bytes > l.Bytes, h.messages > l.Messages, h.targets > l.Targets, h.bytes/MaxRatio > size:
		return wire.DecompressLimit
	case h.text > largestText(h.bytes), h.messages > h.bytes/minMessage, h.targets > h.bytes:
		return wire.DecompressLimit
	}
	return wire.OK
}
