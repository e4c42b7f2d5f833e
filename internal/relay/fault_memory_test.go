package relay_test

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// memoryInUse is how many bytes the heap of this process holds: those in use, those free, and those
// that have not been returned to the system.
func memoryInUse() (n int64) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(samples)
	for _, s := range samples {
		n += int64(s.Value.Uint64())
	}
	return n
}

// A path that had 50 MiB under way returns their memory within seconds, and so do the servers in
// this process. The test must not run beside others.
func TestFaultStallLeavesNoMemoryBehind(t *testing.T) {
	const messages, size, nearly = 25, 980 << 10, 10 << 20
	options := stageOptions{every: 5 * time.Millisecond, config: func(c *config.Config) { c.Pipeline.Depth = 256 }}
	s := newStage(t, options)
	runtime.GC()
	debug.FreeOSMemory()
	before := memoryInUse()
	s.proxies[collective].Throttle(128 << 10)   // next to nothing, but no server is suspected
	s.flows[federation].burst("heavy", 1, size) // takes turns: others wait behind it in the path
	s.flows[federation].burst(alone, messages, size)
	fedtest.Eventually(t, "the path is full", func() bool {
		books := s.books(federation)
		return s.relay.BuffersInUse() >= 2*messages && books.InFlight() >= messages+targetsEach
	})
	during := memoryInUse()
	s.proxies[collective].Throttle(0)
	began := time.Now()
	fedtest.Eventually(t, "the memory is given back", func() bool { return memoryInUse() < before+nearly })
	took := time.Since(began)
	t.Logf("%d MiB before, %d during, %d after %s", before>>20, during>>20, memoryInUse()>>20, took.Round(time.Millisecond))
	if during < before+40<<20 {
		t.Errorf("%d bytes before, only %d while stalled", before, during)
	}
	s.end()
}
