package record

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// packed returns a file with this inside.
func packed(inside []byte) []byte {
	z, err := zstd.NewWriter(nil, zstd.WithWindowSize(window))
	if err != nil {
		panic(err)
	}
	return z.EncodeAll(inside, []byte(magic))
}

var hostile = map[string][]byte{
	"empty":             nil,
	"other version":     []byte("fedrelay run 1\n"),
	"not compressed":    []byte(magic + "{}"),
	"nothing inside":    packed(nil),
	"no JSON":           packed([]byte("{")),
	"no object":         packed([]byte("[]")),
	"another type":      packed([]byte(`{"Nodes":[7]}`)),
	"requests in front": packed([]byte(`{"Requests":[{}]}`)),
	"half a request":    packed([]byte(`{}{"Planned":`)),
	"negative latency":  packed([]byte(`{"Nodes":["a"]}{"Replies":[-1]}`)),
	"large latency":     packed([]byte(`{"Nodes":["a"]}{"Replies":[4294967296]}`)),
	"too few latencies": packed([]byte(`{"Nodes":["a"]}{"Replies":[]}`)),
	"target is no node": packed([]byte(`{"Nodes":["a"]}{"Targets":[1]}`)),
	"target twice":      packed([]byte(`{"Nodes":["a"]}{"Targets":[0,0]}`)),
	"mark of none":      packed([]byte(`{}{"Marks":[{"Node":0}]}`)),
	"more behind":       packed([]byte(`{} x`)),
}

func TestHostileFilesAreErrors(t *testing.T) {
	for name, file := range hostile {
		if run, err := Read(bytes.NewReader(file)); err == nil || run != nil {
			t.Errorf("%s: %v, %v", name, run, err)
		} else if !strings.HasPrefix(err.Error(), "record: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFilesWithTooMuchAreErrors(t *testing.T) {
	for name, inside := range map[string]string{
		"nodes":    `{"Nodes":["` + strings.Repeat(`","`, maxNodes) + `"]}`,
		"requests": "{}" + strings.Repeat("{}", maxRequests+1),
	} {
		if _, err := Read(bytes.NewReader(packed([]byte(inside)))); !errors.Is(err, errTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATruncatedFileIsAnError(t *testing.T) {
	file := written(t, synthetic(20, 3))
	for i := range file {
		if _, err := Read(bytes.NewReader(file[:i])); err == nil {
			t.Errorf("%d of %d bytes were enough", i, len(file))
		}
	}
}

// Some bits of a compressed block mean nothing; all others are covered by its checksum.
func TestAChangedFileIsAnErrorOrMeansTheSame(t *testing.T) {
	run := synthetic(20, 3)
	file := written(t, run)
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 0x40
		if got, err := Read(bytes.NewReader(changed)); err == nil {
			same(t, got, run)
		}
	}
}

// A few kilobytes that swell to gigabytes are given up on early. The limit is lower here than in
// Read: to reach that takes long.
func TestBombsAreRefused(t *testing.T) {
	const free = freeSize >> 6
	for name, bomb := range map[string][]byte{
		"requests":  append([]byte("{}"), bytes.Repeat([]byte(" "), 8*free)...),
		"latencies": []byte(`{}{"Replies":[0` + strings.Repeat(",0", 4*free) + "]}"),
		"head":      append([]byte(`{"Nodes":["`), make([]byte, 8*free)...),
	} {
		file := packed(bomb)
		before := allocated()
		if _, err := read(bytes.NewReader(file), free); err == nil {
			t.Errorf("%s: read", name)
		}
		total := (allocated() - before) >> 20
		t.Logf("%s: %d bytes of file, %d MiB allocated one after the other", name, len(file), total)
		if total > 1<<9 {
			t.Errorf("%s: %d MiB", name, total)
		}
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
