package message

import "bytes"

// Rewrite makes of a request what its targets get: Copy, with the request's own data.
func Rewrite(request []byte) []byte {
	at := SerialAt(request)
	data := request[at : at+bytes.IndexByte(request[at:], '"')]
	return copyOf(data)
}
