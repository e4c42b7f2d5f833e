package observe

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// WriteText writes a snapshot as text. Of each cluster it begins as `mco federation observe` of
// 2017 did, with messages received, copies sent, and the part of each instance.
func WriteText(w io.Writer, s Snapshot) error {
	t := &text{at: s.At}
	for i, c := range s.Clusters {
		if i > 0 {
			t.line("")
		}
		t.cluster(c)
	}
	_, err := w.Write(t.buffer.Bytes())
	return err
}

// A text is being written.
type text struct {
	buffer bytes.Buffer
	at     time.Time
}

func (t *text) line(format string, args ...any) { fmt.Fprintf(&t.buffer, format+"\n", args...) }

func (t *text) cluster(c Cluster) {
	t.line("Federation Broker: %s", c.Cluster)
	t.flows(c, func(m Member) Flow { return m.Request }, c.Request)
	if len(c.Members) > 0 {
		t.line("\nReplies")
		t.flows(c, func(m Member) Flow { return m.Reply }, c.Reply)
		t.line("\nTogether")
		t.flow("requests", c.Request)
		t.flow("replies", c.Reply)
		t.line("\nInstances")
		for _, m := range c.Members {
			t.member(m)
		}
	}
	if len(c.Advice) > 0 {
		t.line("\nLook at")
		for _, a := range c.Advice {
			t.line("    %s", a)
		}
	}
}

// flows writes one path of all members.
func (t *text) flows(c Cluster, path func(Member) Flow, all Flow) {
	t.line("    Received: %d  Sent: %d", all.Received, all.Sent)
	width := 0
	for _, m := range c.Members {
		width = max(width, len(m.Name))
	}
	for _, m := range c.Members {
		f := path(m)
		silent := ""
		if m.Silent > 0 {
			silent = "  silent for " + Seconds(m.Silent)
		}
		t.line("    %*s: Received: %d (%.1f%%) Sent: %d (%.1f%%)%s",
			width, m.Name, f.Received, f.ReceivedPercent, f.Sent, f.SentPercent, silent)
	}
}

// flow writes rates, latency, queue and books of a path.
func (t *text) flow(name string, f Flow) {
	t.line("    %-8s  %s", name, FlowLine(f))
	b := f.Books
	if len(b.Fates) == 0 && len(b.Rejected) == 0 && b.InFlight == 0 {
		return
	}
	line := fmt.Sprintf("copies %d = %s", b.Copies, Ledger(b, " + "))
	if len(b.Rejected) > 0 {
		line += "; rejected: " + counts(b.Rejected, ", ")
	}
	if b.Unaccounted != 0 {
		line += fmt.Sprintf("; UNACCOUNTED %d", b.Unaccounted)
	}
	if b.Dropped != 0 {
		line += fmt.Sprintf("; dropped before they were received %d", b.Dropped)
	}
	t.line("              %s", line)
}

// FlowLine says how fast a path is.
func FlowLine(f Flow) string {
	return fmt.Sprintf("%s received  %s sent%s  queue %d", Rate(f.ReceivedRate), Rate(f.SentRate), added(f.Latency), f.Queue)
}

func added(l Latency) string {
	if l.Count == 0 {
		return ""
	}
	since := "since the start"
	if l.Recent {
		since = "last 10s"
	}
	return fmt.Sprintf("  added p50 %s p99 %s (%s)", Milliseconds(l.P50), Milliseconds(l.P99), since)
}

// Ledger writes what became of copies: their fates, and those without one yet.
func Ledger(b Books, between string) string {
	fates := maps.Clone(b.Fates)
	if fates == nil {
		fates = map[string]int64{}
	}
	if b.InFlight != 0 {
		fates["in flight"] = b.InFlight
	}
	if len(fates) == 0 {
		return "0"
	}
	return counts(fates, between)
}

// counts writes names with their numbers, the largest first.
func counts(m map[string]int64, between string) string {
	var parts []string
	for _, name := range ByCount(m) {
		parts = append(parts, fmt.Sprintf("%s %d", name, m[name]))
	}
	return strings.Join(parts, between)
}

// ByCount returns the names in m, those with the largest counts first.
func ByCount(m map[string]int64) []string {
	names := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(names, func(a, b string) int { return int(min(max(m[b]-m[a], -1), 1)) })
	return names
}

func (t *text) member(m Member) {
	t.line("    %s: %s", m.Name, strings.Join(Status(m, t.at), ", "))
	t.flow("  requests", m.Request)
	t.flow("  replies", m.Reply)
	for _, line := range Sides(m, t.at) {
		t.line("      %s", line)
	}
	if m.Instance == nil {
		return
	}
	for _, r := range m.Instance.Reasons {
		t.line("      not ready: %s", r)
	}
	for _, w := range m.Instance.Warnings {
		t.line("      warning: %s", w)
	}
}
