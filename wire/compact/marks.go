package compact

import (
	"encoding/binary"
	"math/bits"
)

// A flat text is a message in which base64 has been undone, as deep as it comes back exactly. Marks
// say what was undone. They are bytes that UTF-8 never has.
const (
	markTargets = 0xF8 // where the targets of a request belong
	markBase64  = 0xF9 // what follows was base64 text
	markLines   = 0xFA // what follows was base64 text in the lines that Ruby makes
	markURL     = 0xFB // what follows was base64 text of a token (no padding, - and _)
	markEnd     = 0xFC // ends what was base64
	markEndDot  = 0xFD // markEnd, and the dot between two parts of a token
	markMessage = 0xFE // the hash of the string "message" in front of it
	markInner   = 0xFF // the hash of what was base64 in front of it
	firstMark   = markTargets
)

// maxDepth is how deep base64 in base64 is undone.
const maxDepth = 4

// markAt returns where the first mark of b is, or its length.
func markAt(b []byte) int {
	const highs = 0x8080808080808080
	i := 0
	for {
		for ; i+8 <= len(b); i += 8 {
			if w := binary.LittleEndian.Uint64(b[i:]) & highs; w != 0 {
				i += bits.TrailingZeros64(w) / 8
				break
			}
		}
		if i >= len(b) || b[i] >= firstMark {
			return i
		}
		i++
	}
}
