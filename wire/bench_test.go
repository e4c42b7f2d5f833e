package wire

import (
	"fmt"
	"testing"
)

func benchmarkScan(b *testing.B, msg []byte) {
	var env Envelope
	var targets []Span
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		var r Reason
		if targets, r = Scan(msg, usual, &env, targets[:0]); r != OK {
			b.Fatal(r)
		}
	}
}

func BenchmarkScanRequest(b *testing.B) {
	for _, n := range []int{2, 200, 10_000} {
		b.Run(fmt.Sprint("targets=", n), func(b *testing.B) { benchmarkScan(b, request(n, 1024)) })
	}
}

func BenchmarkScanReply(b *testing.B) {
	for _, kib := range []int{1, 16} {
		b.Run(fmt.Sprint("KiB=", kib), func(b *testing.B) { benchmarkScan(b, reply(kib<<10)) })
	}
}

func BenchmarkCheckSubject(b *testing.B) {
	for _, subject := range []string{"mcollective.node.web00001.ldn.example.net", replySubject} {
		b.Run(fmt.Sprint("bytes=", len(subject)), func(b *testing.B) {
			s := []byte(subject)
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				if r := CheckSubject(s, 255); r != OK {
					b.Fatal(r)
				}
			}
		})
	}
}

func BenchmarkRulesTarget(b *testing.B) {
	for name, rules := range map[string]Rules{
		"open":  {MaxLength: 255},
		"lists": {MaxLength: 255, Allow: []string{"eu_prod", "us_prod", "mcollective"}, Deny: []string{"lab"}},
	} {
		b.Run(name, func(b *testing.B) {
			s := []byte("mcollective.node.web00001.ldn.example.net")
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				if r := rules.Target(s); r != OK {
					b.Fatal(r)
				}
			}
		})
	}
}

func BenchmarkJudge(b *testing.B) {
	for _, n := range []int{1, 200, 10_000} {
		b.Run(fmt.Sprint("targets=", n), func(b *testing.B) {
			msg := request(n, 16)
			_, targets := mustScan(b, msg)
			rules := Rules{MaxLength: 255}
			b.ReportAllocs()
			for b.Loop() {
				judge := rules.Judge()
				for _, t := range targets {
					if r := judge.Target(t.Of(msg)); r != OK {
						b.Fatal(r)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/target")
		})
	}
}

func BenchmarkRulesReply(b *testing.B) {
	rules := Rules{MaxLength: 255}
	s := []byte(replySubject)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		if r := rules.Reply(s); r != OK {
			b.Fatal(r)
		}
	}
}

func BenchmarkAppendReply(b *testing.B) {
	for _, kib := range []int{1, 16} {
		b.Run(fmt.Sprint("KiB=", kib), func(b *testing.B) {
			msg := reply(kib << 10)
			env, _ := mustScan(b, msg)
			dst := make([]byte, 0, 2*len(msg))
			b.SetBytes(int64(len(msg)))
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendReply(dst[:0], msg, &env, relayHop)
			}
		})
	}
}

func BenchmarkAppendRequest(b *testing.B) {
	msg := request(200, 1024)
	env, _ := mustScan(b, msg)
	dst := make([]byte, 0, 2*len(msg))
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendRequest(dst[:0], msg, &env, collectiveSubject, relayHop)
	}
}
