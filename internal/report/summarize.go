package report

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// Summarize makes the numbers of a run. Parts of the result alias run.
func Summarize(run *record.Run) Summary { return summarize(run, measure(run)) }

func summarize(run *record.Run, t times) Summary {
	s := Summary{Differences: differences(run)}
	s.meta(run)
	s.totals(run)
	s.latencies(t)
	s.rates(run)
	s.costs(run)
	return s
}

func (s *Summary) meta(run *record.Run) {
	m := &run.Meta
	s.Started, s.Version, s.Command, s.Relay, s.With = m.Started, m.Version, m.Command, m.Relay, m.Settings
	if s.Command == nil {
		s.Command = []string{}
	}
	if s.With == nil {
		s.With = map[string]string{}
	}
	s.Elapsed, s.CPUs, s.Nodes, s.InProcess = m.Elapsed.Seconds(), int64(m.CPUs), int64(len(run.Nodes)), m.InProcess
}

func (s *Summary) totals(run *record.Run) {
	t := &run.Totals
	s.Requests, s.Targets, s.Replies, s.Lost, s.Silent = t.Requests, t.Targets, t.Replies, t.Lost, t.Silent
	s.Duplicates, s.Misdelivered, s.Late = t.Duplicates, t.Misdelivered, t.Late
	if run.Meta.InProcess {
		s.Delivered = &t.Delivered
	}
	s.GeneratorBound, s.GeneratorWhy, s.Lag = t.GeneratorBound, t.Why, milliseconds(t.MaxLag)
	s.RelayLedger = []Ledger{}
	for _, l := range run.Relay {
		s.RelayLedger = append(s.RelayLedger, Ledger(l))
	}
}

func (s *Summary) latencies(t times) {
	s.Min, s.Mean, s.P50, s.P90 = t.reply.least(), t.reply.mean(), t.reply.percentile(50), t.reply.percentile(90)
	s.P99, s.P999, s.Max = t.reply.percentile(99), t.reply.percentile(99.9), t.reply.percentile(100)
	s.FirstReply, s.FirstReplyP99 = t.firstReply.percentile(50), t.firstReply.percentile(99)
	s.LastReply, s.LastReplyP99 = t.lastReply.percentile(50), t.lastReply.percentile(99)
	s.CopyP50, s.CopyP99 = t.copied.percentile(50), t.copied.percentile(99)
	s.LastCopy, s.LastCopyP99 = t.lastCopy.percentile(50), t.lastCopy.percentile(99)
	s.SentP99 = t.sent.percentile(99)
}

func (s *Summary) rates(run *record.Run) {
	n := len(run.Requests)
	if n == 0 {
		return
	}
	start := run.Requests[0].Planned.Seconds()
	s.RequestRate = perSecond(int64(n-1), run.Requests[n-1].Planned.Seconds()-start)
	var copied, replied float64
	for i := range run.Requests {
		r := &run.Requests[i]
		copied = max(copied, r.Planned.Seconds()+latest(r.Copies))
		replied = max(replied, r.Planned.Seconds()+latest(r.Replies))
	}
	s.ReplyRate = perSecond(s.Replies, replied-start)
	if s.Delivered != nil {
		s.CopyRate = perSecond(*s.Delivered, copied-start)
	}
}

// latest returns the greatest latency in seconds.
func latest(column []uint32) float64 {
	var last uint32
	for _, v := range column {
		last = max(last, v)
	}
	return float64(last) / 1e6
}

func perSecond(n int64, seconds float64) *float64 {
	if n <= 0 || seconds <= 0 {
		return nil
	}
	return known(float64(n) / seconds)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
