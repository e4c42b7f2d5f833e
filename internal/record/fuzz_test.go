package record

import (
	"bytes"
	"testing"
)

// FuzzRead reads data as a file and, since few mutations get past the compression, as what a file has inside. What can be
// read must be written and read again as the same.
func FuzzRead(f *testing.F) {
	for _, file := range hostile {
		f.Add(file)
	}
	f.Add(written(f, synthetic(5, 2)))
	f.Add(headed(`{"Nodes":2,"Requests":1}`, 1, 'a', 1, 'b', hasTargets|hasReplies, 1, 2, 1, 1, 0, 0, 0, 1, 1, 1, 7))
	f.Add(headed(`{"Cost":1,"Self":1}`, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, file := range [][]byte{data, packed(data)} {
			run, err := Read(bytes.NewReader(file))
			if err != nil {
				continue
			}
			again, err := Read(bytes.NewReader(written(t, run)))
			if err != nil {
				t.Fatal(err)
			}
			same(t, again, run)
		}
	})
}
