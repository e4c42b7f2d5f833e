package wire

import "bytes"

// A return address is a reply subject at which several replies may arrive as one message, a bundle
// (package wire/compact). It is spelled in the reply subject, with the mark "=" as a token of its
// own, so that it travels with a request to the nodes and back with their replies:
//
//	mcollective.reply.edge.ams.london.=.mcollective.reply.74ce5a83.7c1f0a52
//	AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR
//
// Bundles for the edges of group ams go to A, and R is where such an edge sends a reply. A relay
// that knows nothing of bundles publishes single replies to the whole subject, and an edge takes
// these, too. R may have a mark again, if there are edges behind edges. A client that takes bundles
// itself asks with a subject that ends in the mark. Then all of it is A, and R as well.

// MaxEdges is how many marks a reply subject may have.
const MaxEdges = 4

// mark is what separates the parts of a return address.
const mark = ".="

// SplitAddress returns the parts A and R of a reply subject. ok is false if it has no mark: replies
// to it travel one by one.
func SplitAddress(subject []byte) (address, inner []byte, ok bool) {
	n := markAt(subject)
	switch {
	case n < 0:
		return nil, subject, false
	case n == len(subject)-len(mark):
		return subject, subject, true
	}
	return subject[:n+len(mark)], subject[n+len(mark)+1:], true
}

// markAt returns where the first mark of a subject begins, with its dot, or -1.
func markAt(subject []byte) int {
	for from := 0; ; {
		n := bytes.IndexByte(subject[from:], '=')
		if n < 0 {
			return -1
		}
		n += from
		from = n + 1
		if n > 0 && subject[n-1] == '.' && (from == len(subject) || subject[from] == '.') {
			return n - 1
		}
	}
}

// AppendEdge appends the reply subject that an edge puts in the place of subject, so that replies
// come to the edges of its group. The result begins with the collective of subject, so that the
// same rights and rules are met. It aliases nothing.
func AppendEdge(dst []byte, edge string, subject []byte) []byte {
	collective := subject
	if n := bytes.IndexByte(subject, '.'); n >= 0 {
		collective = subject[:n]
	}
	dst = append(dst, collective...)
	dst = append(dst, edgePrefix...)
	dst = append(dst, edge...)
	dst = append(dst, mark...)
	dst = append(dst, '.')
	return append(dst, subject...)
}

// edgePrefix stands between the collective and the name of an edge in its return address.
const edgePrefix = ".reply.edge."

// EdgeOf returns the name of the edge in a return address that AppendEdge made: "ams.london" in the
// drawing above. ok is false for all others.
func EdgeOf(address []byte) (edge []byte, ok bool) {
	n := bytes.IndexByte(address, '.')
	if n < 0 || !bytes.HasPrefix(address[n:], []byte(edgePrefix)) || !bytes.HasSuffix(address, []byte(mark)) {
		return nil, false
	}
	from, to := n+len(edgePrefix), len(address)-len(mark)
	if from >= to {
		return nil, false
	}
	return address[from:to], true
}
