package compact

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/klauspost/compress/zstd"
)

// forge makes a message of streams that a writer would not write. change gets the header.
func forge(h header, w *writer, change func(h *header)) []byte {
	h.text, h.packed, h.raw = len(w.text), len(w.text), len(w.raw)
	if change != nil {
		change(&h)
	}
	return finish(append(append(appendHeader(nil, &h), w.text...), w.raw...), 0, min(h.bytes, 1<<30))
}

func wantReason(t *testing.T, what string, m []byte, l Limits, want wire.Reason) {
	t.Helper()
	var d Decoder
	if c, reason := d.Open(m, l); reason != want || c.Messages != 0 {
		t.Errorf("%s: %q, not %q; %+v", what, reason, want, c)
	}
	if text, places := d.Append(nil, nil); len(text) > 0 || len(places) > 0 {
		t.Errorf("%s: %d bytes, %d messages come out", what, len(text), len(places))
	}
}

func TestWhatIsCutShortOrDamagedIsRejected(t *testing.T) {
	for _, m := range compactSeeds(t) {
		for n := range len(m) {
			want := wire.CompactChecksum
			if n < headerAt {
				want = wire.CompactMalformed
			}
			wantReason(t, "cut short", m[:n], generous, want)
		}
		for i := headerAt - 4; i < len(m); i++ {
			damaged := bytes.Clone(m)
			damaged[i] ^= 0x10
			wantReason(t, "damaged", damaged, generous, wire.CompactChecksum)
		}
		wantReason(t, "a byte more", append(bytes.Clone(m), 0), generous, wire.CompactChecksum)
	}
}

func TestAFutureVersionIsNamed(t *testing.T) {
	m := compactSeeds(t)[0]
	m[1]++
	wantReason(t, "version 2", m, generous, wire.CompactVersion)
	wantReason(t, "version 2, two bytes", m[:2], generous, wire.CompactVersion)
}

func TestAnUnknownKindIsMalformed(t *testing.T) {
	m := compactSeeds(t)[0]
	m[kindAt] = 3
	binary.LittleEndian.PutUint32(m[checksumAt:], checksum(m))
	wantReason(t, "kind 3", m, generous, wire.CompactMalformed)
}

// A header that lies must be found out before memory is taken for what it says.
func TestSizesThatLieAreRejected(t *testing.T) {
	honest := header{kind: KindReplies, bytes: 100, messages: 1}
	var w writer
	w.bytes([]byte("a.="))
	w.count(1)
	w.bytes(bytes.Repeat([]byte("x"), 100))
	w.count(0)
	l := Limits{Bytes: 16 << 20, Messages: 1000, Targets: 1000}
	var d Decoder
	if _, reason := d.Open(forge(honest, &w, nil), l); reason != wire.OK {
		t.Fatal(reason)
	}
	for _, c := range []struct {
		what   string
		change func(h *header)
		want   wire.Reason
	}{
		{"2^60 bytes", func(h *header) { h.bytes = 1 << 60 }, wire.CompactMalformed},
		{"too many bytes", func(h *header) { h.bytes = 16<<20 + 1 }, wire.DecompressLimit},
		{"fewer bytes", func(h *header) { h.bytes = 99 }, wire.CompactMalformed},
		{"more bytes", func(h *header) { h.bytes = 101 }, wire.CompactMalformed},
		{"2^60 messages", func(h *header) { h.messages = 1 << 60 }, wire.CompactMalformed},
		{"too many messages", func(h *header) { h.messages = 1001 }, wire.DecompressLimit},
		{"messages of no bytes", func(h *header) { h.messages = 2 }, wire.DecompressLimit},
		{"no message", func(h *header) { h.messages = 0 }, wire.CompactMalformed},
		{"too many targets", func(h *header) { h.targets = 1001 }, wire.DecompressLimit},
		{"more targets than bytes", func(h *header) { h.targets = 101 }, wire.DecompressLimit},
		{"2^60 bytes of text", func(h *header) { h.text = 1 << 60 }, wire.CompactMalformed},
		{"much text for few bytes", func(h *header) { h.text = 2000 }, wire.DecompressLimit},
		{"text that is not there", func(h *header) { h.text++; h.packed++ }, wire.CompactMalformed},
		{"text that is larger when packed", func(h *header) { h.text-- }, wire.CompactMalformed},
		{"2^60 raw bytes", func(h *header) { h.raw = 1 << 60 }, wire.CompactMalformed},
		{"raw bytes that are not there", func(h *header) { h.raw = 1 }, wire.CompactMalformed},
	} {
		wantReason(t, c.what, forge(honest, &w, c.change), l, c.want)
	}
}

func TestTheRatioIsLimited(t *testing.T) {
	m := forge(header{kind: KindReplies, bytes: 4 << 20, messages: 1}, &writer{text: make([]byte, 40)}, nil)
	m = m[:1024] // without what fills it up
	binary.LittleEndian.PutUint32(m[checksumAt:], checksum(m))
	wantReason(t, "ratio", m, generous, wire.DecompressLimit)
}

// A writer fills a message up, so that readers take the largest ratio that there is.
func TestEqualRepliesAreFilledUp(t *testing.T) {
	one := replies(1, corpus.Options{Version: wire.V1})[0]
	messages := make([][]byte, 3000)
	for i := range messages {
		messages[i] = one
	}
	ps, want := allParts(t, messages)
	var e Encoder
	var d Decoder
	m := e.AppendReplies(nil, []byte("a.="), ps)
	mustOpen(t, &d, m, want, len(ps))
	if most := len(want)/MaxRatio + 1; len(m) > most {
		t.Errorf("%d bytes, not %d", len(m), most)
	}
}

func TestPackedTextIsLimited(t *testing.T) {
	pack := func(text []byte, o ...zstd.EOption) []byte {
		z, err := zstd.NewWriter(nil, append(o, zstd.WithEncoderConcurrency(1))...)
		if err != nil {
			t.Fatal(err)
		}
		return z.EncodeAll(text, nil)
	}
	message := func(packed []byte, text int) []byte {
		return forge(header{kind: KindReplies, bytes: 1 << 20, messages: 1}, &writer{text: packed}, func(h *header) { h.text = text })
	}
	bomb := pack(make([]byte, 64<<20))
	var stream bytes.Buffer
	z, _ := zstd.NewWriter(&stream, zstd.WithWindowSize(128<<20), zstd.WithEncoderConcurrency(1))
	z.Write(make([]byte, 1<<20))
	z.Close()
	before := allocated()
	for _, c := range []struct {
		what   string
		packed []byte
		text   int
	}{
		{"a bomb", bomb, 1 << 20},
		{"a bomb that lies", bomb, 100_000},
		{"two frames", append(pack(make([]byte, 1000)), pack(make([]byte, 1<<20))...), 2000},
		{"a window of 128 MiB", stream.Bytes(), 1 << 20},
		{"packed twice", pack(bytes.Repeat(pack(make([]byte, 1<<20)), 50)), 3000},
		{"an unknown dictionary", pack(bytes.Repeat([]byte("ab"), 500), zstd.WithEncoderDictRaw(7, []byte("abababab"))), 1000},
		{"no frame", bytes.Repeat([]byte("x"), 100), 1000},
		{"nothing", nil, 1000},
	} {
		wantReason(t, c.what, message(c.packed, c.text), generous, wire.CompactMalformed)
	}
	if n := allocated() - before; n > 60<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
