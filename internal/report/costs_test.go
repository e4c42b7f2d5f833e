package report

import (
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

func TestIdleTimeAroundARunIsNotCounted(t *testing.T) {
	var samples []record.Sample
	for at := -2 * time.Second; at <= 9*time.Second; at += time.Second {
		busy := min(max(at, 0), 4*time.Second) / 2
		samples = append(samples, record.Sample{At: at, CPU: busy, RSS: int64(at) + 5e9, Threads: 3})
	}
	u := usageOf(samples, 4*time.Second)
	if u.cpu == nil || *u.cpu != 50 {
		t.Errorf("%s %%", optional(u.cpu))
	}
	if u.rss != 14e9 || u.threads != 3 {
		t.Errorf("%+v", u)
	}
	if u := usageOf(samples[:1], time.Second); u.cpu != nil {
		t.Errorf("%v %% of one sample", *u.cpu)
	}
}

func TestUnknownCostsAreNotZero(t *testing.T) {
	s := Summarize(&record.Run{})
	for _, m := range metrics {
		if v, known := m.value(&s); known && v != 0 {
			t.Errorf("%s is %v", m.name, v)
		}
	}
	if s.CPUPerCopy != nil || s.CPUPerReply != nil || s.RelayRSS != nil || s.P50 != nil || s.LastCopy != nil || s.Delivered != nil {
		t.Errorf("%+v", s)
	}
}
