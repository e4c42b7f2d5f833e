package bare

import "strconv"

// AppendSub appends a SUB frame. queue may be empty.
func AppendSub(dst []byte, subject, queue string, sid int) []byte {
	dst = append(append(append(dst, "SUB "...), subject...), ' ')
	if queue != "" {
		dst = append(append(dst, queue...), ' ')
	}
	return append(strconv.AppendInt(dst, int64(sid), 10), "\r\n"...)
}

// AppendHead appends the part of a PUB frame that stands in front of a payload of size bytes.
func AppendHead[S string | []byte](dst []byte, subject S, size int) []byte {
	dst = append(append(append(dst, "PUB "...), subject...), ' ')
	return append(strconv.AppendInt(dst, int64(size), 10), "\r\n"...)
}

// AppendPub appends a PUB frame.
func AppendPub[S string | []byte](dst []byte, subject S, payload []byte) []byte {
	dst = AppendHead(dst, subject, len(payload))
	return append(append(dst, payload...), "\r\n"...)
}
