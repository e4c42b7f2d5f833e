package compact

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/klauspost/compress/s2"
)

// A stream counts what a leaf node with s2_best puts on the line.
type stream struct {
	writer *s2.Writer
	bytes  int
}

func newStream() *stream {
	s := &stream{}
	s.writer = s2.NewWriter(s, s2.WriterBestCompression(), s2.WriterConcurrency(1))
	return s
}

func (s *stream) Write(b []byte) (int, error) {
	s.bytes += len(b)
	return len(b), nil
}

// send is what one read of a relay brought. A leaf node flushes behind it.
func (s *stream) send(t *testing.T, messages [][]byte) (plain int) {
	t.Helper()
	for _, m := range messages {
		plain += len(m)
		if _, err := s.writer.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.writer.Flush(); err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestRepliesAreSmall holds the goals for bytes. A bundle is what a read of 256 KiB holds.
func TestRepliesAreSmall(t *testing.T) {
	const n = 270
	for _, c := range []struct {
		name   string
		o      corpus.Options
		bundle int
		ratio  float64
	}{
		{"v1", corpus.Options{Version: wire.V1}, 107, 55},
		{"v1, ping", corpus.Options{Version: wire.V1, Ping: true}, 270, 100},
		{"v2", corpus.Options{Version: wire.V2}, 67, 30},
		{"v2, own tokens", corpus.Options{Version: wire.V2, OwnTokens: true}, 67, 15},
		{"v1, alone", corpus.Options{Version: wire.V1}, 1, 3},
		{"v2, alone", corpus.Options{Version: wire.V2, OwnTokens: true}, 1, 3},
	} {
		all, leaf := replies(n, c.o), newStream()
		var e Encoder
		var d Decoder
		plain, small := 0, 0
		for from := 0; from < n && from < 100*c.bundle; from += c.bundle {
			bundle := all[from:min(from+c.bundle, n)]
			ps, want := allParts(t, bundle)
			m := e.AppendReplies(nil, []byte("mcollective.reply.edge.ams.london.="), ps)
			mustOpen(t, &d, m, want, len(ps))
			plain, small = plain+leaf.send(t, bundle), small+len(m)
		}
		ratio, beats := float64(plain)/float64(small), float64(leaf.bytes)/float64(small)
		t.Logf("%-16s %3d a bundle: 1/%.0f of JSON, 1/%.1f of s2_best", c.name, c.bundle, ratio, beats)
		if ratio < c.ratio || beats < 2 {
			t.Errorf("%s: 1/%.1f of JSON, 1/%.1f of s2_best", c.name, ratio, beats)
		}
	}
}

func TestRequestsAreSmall(t *testing.T) {
	for _, c := range []struct {
		kind    corpus.Kind
		targets int
		ratio   float64
		leaf    float64
	}{
		{corpus.Sequential, 10_000, 60, 2}, {corpus.IP, 10_000, 18, 2}, {corpus.Hex, 10_000, 8.5, 2},
		{corpus.Hex, 1, 1, 1}, {corpus.Sequential, 1, 1, 1},
	} {
		messages, leaf := corpus.Request(corpus.Names(c.kind, c.targets, 1), wire.V1, 3000, 1), newStream()
		var e Encoder
		var d Decoder
		r, want := joined(t, messages)
		m := e.AppendRequest(nil, &r)
		mustOpen(t, &d, m, want, len(messages))
		ratio := float64(leaf.send(t, messages)) / float64(len(m))
		beats := float64(leaf.bytes) / float64(len(m))
		t.Logf("%-10s %5d targets: %d bytes, 1/%.1f of JSON, 1/%.1f of s2_best", c.kind, c.targets, len(m), ratio, beats)
		if ratio < c.ratio || beats < c.leaf {
			t.Errorf("%s: 1/%.1f of JSON, 1/%.1f of s2_best", c.kind, ratio, beats)
		}
	}
}
