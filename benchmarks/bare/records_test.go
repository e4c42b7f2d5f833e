package bare

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
)

// FuzzRecords hands over whatever a server sends: all of it but a header that is not complete, and
// never bytes of two records at once.
func FuzzRecords(f *testing.F) {
	record := append([]byte{23, 3, 3, 0, 4}, "abcd"...)
	f.Add(bytes.Repeat(record, 3))
	f.Add(append(record, 23, 3))
	f.Add([]byte{23, 3, 3, 255, 255, 1, 2, 3})
	f.Fuzz(func(t *testing.T, said []byte) {
		for _, from := range []io.Reader{bytes.NewReader(said), iotest.OneByteReader(bytes.NewReader(said))} {
			r := &records{socket: &script{Reader: from}, in: make([]byte, largestRecord)}
			var got []byte
			for p := make([]byte, largestRecord); ; {
				before := r.left
				n, err := r.Read(p)
				got = append(got, p[:n]...)
				if err != nil {
					break
				}
				if n == 0 || before > 0 && n > before {
					t.Fatalf("%d bytes, %d are left of the record", n, before)
				}
			}
			if !bytes.HasPrefix(said, got) || len(said)-len(got) >= recordHeader {
				t.Errorf("%d bytes of %d", len(got), len(said))
			}
		}
	})
}
