package record

import (
	"bytes"
	"testing"
)

// FuzzRead reads data as a file and, since few mutations get past the compression, as what a file
// has inside. What can be read must be written and read again as the same.
func FuzzRead(f *testing.F) {
	for _, file := range hostile {
		f.Add(file)
	}
	f.Add(written(f, synthetic(5, 2)))
	f.Add([]byte(`{"Nodes":["a","b"],"Cost":[{"At":1}]}{"Targets":[1],"Replies":[7],"Marks":[{"Node":1,"What":3}]}`))
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
