package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math/rand/v2"
)

// How many digits a serial number has, and the number of a client or a node.
const (
	digits       = 8
	numberDigits = 6
)

// A Body is the payload of all messages of a scenario.
type Body struct {
	encoded []byte // base64; the serial number takes the place of the first eight characters
}

// NewBody makes a payload of size bytes, at least six. The same size gives the same bytes.
func NewBody(size int) Body {
	raw := make([]byte, size)
	r := rand.New(rand.NewPCG(1, uint64(size)))
	for i := range raw {
		raw[i] = byte(r.Uint32())
	}
	return Body{encoded: []byte(base64.StdEncoding.EncodeToString(raw))}
}

// raw is the payload with a serial number, before base64.
func (b Body) raw(serial int) []byte {
	data := bytes.Clone(b.encoded)
	PutSerial(data, serial)
	raw, _ := base64.StdEncoding.AppendDecode(nil, data) // digits are valid base64
	return raw
}

// PutSerial writes the eight digits of a serial number.
func PutSerial(dst []byte, serial int) { put(dst[:digits], serial) }

// PutNumber writes the six digits of the number of a client or a node.
func PutNumber(dst []byte, number int) { put(dst[:numberDigits], number) }

func put(dst []byte, n int) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
}

var (
	key = []byte(`"data":"`)

	errNoData = errors.New("no data in it")
	errData   = errors.New("data is not what was sent")
)

// SerialAt is where the serial number of a message begins, or -1.
func SerialAt(m []byte) int {
	at := bytes.Index(m, key)
	if at < 0 || len(m) < at+len(key)+digits {
		return -1
	}
	return at + len(key)
}

// Check returns the serial number of a message that has arrived, if its data is what was sent.
func (b Body) Check(m []byte) (serial int, err error) {
	at := SerialAt(m)
	if at < 0 {
		return 0, errNoData
	}
	rest, want := m[at+digits:], b.encoded[digits:]
	if len(rest) <= len(want) || rest[len(want)] != '"' || !bytes.Equal(rest[:len(want)], want) {
		return 0, errData
	}
	for _, d := range m[at : at+digits] {
		if d < '0' || d > '9' {
			return 0, errData
		}
		serial = serial*10 + int(d-'0')
	}
	return serial, nil
}
