package compact

import (
	"flag"
	"fmt"
	"math"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

var compare = flag.Bool("compare", false, "print the tables of ADR 19")

// TestCompareCompressors prints what each compressor makes of replies and requests as JSON, as flat
// texts, and as columns: bytes a message, and CPU time of the compressor alone.
//
//	go test ./wire/compact -run TestCompare -v -compare
func TestCompareCompressors(t *testing.T) {
	if !*compare {
		t.Skip("only with -compare")
	}
	var b strings.Builder
	for _, v := range []wire.Version{wire.V1, wire.V2} {
		for _, n := range []int{1, 10, 200, 10_000} {
			messages := corpus.Replies(corpus.Names(corpus.Sequential, n, 1), corpus.Options{Version: v})
			ps, text := allParts(t, messages)
			var e Encoder
			e.AppendReplies(nil, []byte("mcollective.reply.edge.ams.london.="), ps)
			compareAll(&b, fmt.Sprintf("v%d, %d replies", v, n), n, [][]byte{text, e.flat, e.writer.text}, len(e.writer.raw))
		}
	}
	for _, kind := range corpus.Kinds() {
		r, text := joined(t, corpus.Request(corpus.Names(kind, 10_000, 1), wire.V1, 3000, 1))
		var e Encoder
		e.AppendRequest(nil, &r)
		compareAll(&b, fmt.Sprintf("request, 10,000 targets, %s", kind), 1, [][]byte{text, nil, e.writer.text}, len(e.writer.raw))
	}
	memory(&b)
	t.Logf("\n%s", b.String())
}

// A contender compresses.
type contender struct {
	name string
	pack func(dst, b []byte) []byte
}

func contenders() []contender {
	z := func(level zstd.EncoderLevel, o ...zstd.EOption) func(dst, b []byte) []byte {
		var e *zstd.Encoder
		return func(dst, b []byte) []byte {
			if e == nil {
				e, _ = zstd.NewWriter(nil, append(o, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1),
					zstd.WithEncoderCRC(false), zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))...)
			}
			return e.EncodeAll(b, dst)
		}
	}
	s := func(encode func(dst, b []byte) []byte) func(dst, b []byte) []byte {
		return func(dst, b []byte) []byte {
			if n := s2.MaxEncodedLen(len(b)); cap(dst) < n {
				dst = make([]byte, n)
			}
			return encode(dst[:cap(dst)], b)
		}
	}
	shared := zstd.WithEncoderDictRaw(dictionaryID, []byte(dictionary))
	d := s2.NewDict(s2.MakeDict([]byte(dictionary), nil).Bytes())
	return []contender{
		{"none", func(dst, b []byte) []byte { return append(dst, b...) }},
		{"s2", s(s2.Encode)}, {"s2 best", s(s2.EncodeBest)}, {"s2, dictionary", s(d.Encode)},
		{"zstd fastest", z(zstd.SpeedFastest)}, {"zstd fastest, dictionary", z(zstd.SpeedFastest, shared)},
		{"zstd default", z(zstd.SpeedDefault)}, {"zstd default, dictionary", z(zstd.SpeedDefault, shared)},
	}
}

// compareAll prints a table with a row for each contender. forms are the same messages as JSON, as
// flat texts, and as columns with raw bytes beside them.
func compareAll(b *strings.Builder, what string, n int, forms [][]byte, raw int) {
	fmt.Fprintf(b, "\n| %s | JSON | us | flat | us | columns | us |\n|---|---|---|---|---|---|---|\n", what)
	for _, c := range contenders() {
		fmt.Fprintf(b, "| %s |", c.name)
		for i, form := range forms {
			size, us := measure(c, form)
			if i == 2 {
				size += raw
			}
			if form == nil {
				fmt.Fprint(b, " | |")
				continue
			}
			fmt.Fprintf(b, " %.1f | %.2f |", float64(size)/float64(n), us/float64(n))
		}
		fmt.Fprintln(b)
	}
}

// measure returns how many bytes c makes of b, and the least CPU time that it took, in
// microseconds.
func measure(c contender, b []byte) (size int, us float64) {
	best := math.Inf(1)
	var dst []byte
	for range 5 {
		runs, from := 0, cpuTime()
		for runs == 0 || cpuTime()-from < 2e6 {
			dst = c.pack(dst[:0], b)
			runs++
		}
		best = min(best, float64(cpuTime()-from)/float64(runs)/1e3)
	}
	return len(dst), best
}

// cpuTime is what this process has used, in nanoseconds.
func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// memory prints what a contender keeps between bundles of 200 replies.
func memory(b *strings.Builder) {
	text := make([]byte, 8<<10)
	fmt.Fprintf(b, "\n| | kB kept |\n|---|---|\n")
	for i := range contenders() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		c := contenders()[i]
		out := c.pack(nil, text)
		runtime.GC()
		runtime.ReadMemStats(&after)
		fmt.Fprintf(b, "| %s | %d |\n", c.name, (int64(after.HeapAlloc)-int64(before.HeapAlloc))/1024)
		runtime.KeepAlive(c)
		runtime.KeepAlive(out)
	}
}

// TestCompareTimes prints CPU time of writing and reading, beside what encoding/json takes for the
// list of targets: the least of many turns.
func TestCompareTimes(t *testing.T) {
	if !*compare {
		t.Skip("only with -compare")
	}
	tasks := timedTasks(t)
	for range 30 {
		for _, k := range tasks {
			runs, from := 0, cpuTime()
			for runs == 0 || cpuTime()-from < 2e6 {
				k.do()
				runs++
			}
			k.best = min(k.best, float64(cpuTime()-from)/float64(runs*k.of)/1e3)
		}
	}
	for _, k := range tasks {
		t.Logf("| %s | %.2f us |", k.name, k.best)
	}
}
