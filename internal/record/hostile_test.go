package record

import (
	"bytes"
	"encoding/binary"
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

func headed(text string, rest ...byte) []byte {
	return append(append(binary.AppendUvarint(nil, uint64(len(text))), text...), rest...)
}

var hostile = map[string][]byte{
	"empty":             nil,
	"other version":     []byte("fedrelay run 2\n"),
	"not compressed":    []byte(magic + "{}"),
	"nothing inside":    packed(nil),
	"header too long":   packed(binary.AppendUvarint(nil, 1<<40)),
	"no JSON":           packed(headed("{")),
	"negative":          packed(headed(`{"Nodes":-1}`)),
	"too many nodes":    packed(headed(`{"Nodes":1000000000}`)),
	"too many samples":  packed(headed(`{"Self":1000000000}`)),
	"too many requests": packed(headed(`{"Requests":9000000000000000000}`)),
	"nodes missing":     packed(headed(`{"Nodes":1000000}`)),
	"requests missing":  packed(headed(`{"Requests":2000000}`)),
	"long name":         packed(headed(`{"Nodes":1}`, 0xff, 0xff, 0x7f)),
	"long number":       packed(headed(`{"Cost":1}`, bytes.Repeat([]byte{0xff}, 30)...)),
	"unknown flags":     packed(headed(`{"Requests":1}`, 0x7f)),
	"target is no node": packed(headed(`{"Nodes":1,"Requests":1}`, 1, 'a', hasTargets, 0, 0, 1, 1, 0, 0, 0, 0)),
	"targets of none":   packed(headed(`{"Requests":1}`, hasTargets, 0, 0, 1, 0, 0, 0, 0, 0)),
	"mark of none":      packed(headed(`{"Requests":1}`, 0, 0, 0, 0, 0, 0, 1, 0, 0)),
	"many marks":        packed(headed(`{"Requests":1}`, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07)),
	"large latency":     packed(headed(`{"Nodes":1,"Requests":1}`, 0, hasReplies, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0)),
	"more behind":       packed(headed(`{}`, 0)),
	"two runs":          append(packed(headed(`{}`)), packed(headed(`{}`))[len(magic):]...),
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

// A few kilobytes that swell to gigabytes are given up on early. The limit is lower here than in Read: to reach that takes long.
func TestBombsAreRefused(t *testing.T) {
	const free = freeSize >> 4
	flood := append([]byte{hasReplies}, make([]byte, 6+1<<16)...)
	for name, bomb := range map[string][]byte{
		"requests":  append(headed(`{"Requests":1000000}`), make([]byte, 8*free)...),
		"latencies": append(headed(`{"Nodes":65536,"Requests":1000000}`, make([]byte, 1<<16)...), bytes.Repeat(flood, 200)...),
		"trailing":  append(headed(`{}`), make([]byte, 8*free)...),
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
