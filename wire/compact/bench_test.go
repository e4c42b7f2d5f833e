package compact

import (
	"encoding/json"
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

func BenchmarkReplies(b *testing.B) {
	for _, c := range []struct {
		name   string
		o      corpus.Options
		bundle int
	}{
		{"v1", corpus.Options{Version: wire.V1}, 107}, {"v2", corpus.Options{Version: wire.V2}, 67},
		{"v1lone", corpus.Options{Version: wire.V1}, 1},
	} {
		var e Encoder
		var d Decoder
		ps, _ := allParts(b, replies(c.bundle, c.o))
		var m, text []byte
		var places []wire.Span
		b.Run(c.name+"/encode", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				m = e.AppendReplies(m[:0], []byte("a.="), ps)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.bundle), "ns/reply")
		})
		b.Run(c.name+"/decode", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, reason := d.Open(m, generous); reason != wire.OK {
					b.Fatal(reason)
				}
				text, places = d.Append(text[:0], places[:0])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.bundle), "ns/reply")
		})
	}
}

func BenchmarkRequest(b *testing.B) {
	for _, k := range corpus.Kinds() {
		var e Encoder
		var d Decoder
		r, _ := joined(b, corpus.Request(corpus.Names(k, 10000, 1), wire.V1, 3000, 1))
		var names []string
		for _, s := range r.Parts.Targets {
			names = append(names, string(s.Of(r.Parts.Text)))
		}
		list, _ := json.Marshal(names)
		var m, text []byte
		var places []wire.Span
		b.Run(string(k)+"/encode", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				m = e.AppendRequest(m[:0], &r)
			}
		})
		b.Run(string(k)+"/decode", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, reason := d.Open(m, generous); reason != wire.OK {
					b.Fatal(reason)
				}
				text, places = d.Append(text[:0], places[:0])
			}
		})
		b.Run(string(k)+"/json", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				var names []string
				json.Unmarshal(list, &names)
			}
		})
	}
}
