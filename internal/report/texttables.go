package report

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
)

func ledgerText(s *Summary) string {
	var b strings.Builder
	mark := "✓"
	if s.Targets != s.Replies+s.Lost+s.Silent {
		mark = "✗"
	}
	fmt.Fprintf(&b, "\nledger\n  targets %s = replied %s + lost %s + silent %s %s\n", humanize.Comma(s.Targets),
		humanize.Comma(s.Replies), humanize.Comma(s.Lost), humanize.Comma(s.Silent), mark)
	fmt.Fprintf(&b, "  copies delivered %s; duplicates %s, misdelivered %s, late %s\n", optionalCount(s.Delivered),
		humanize.Comma(s.Duplicates), humanize.Comma(s.Misdelivered), humanize.Comma(s.Late))
	if len(s.RelayLedger) > 0 {
		b.WriteString("\n" + table(1, relayRows(s)))
	}
	if len(s.RelayLedger) > 0 && len(s.Differences) == 0 {
		b.WriteString("  ✓ the relay's books agree with what was seen\n")
	}
	for _, d := range s.Differences {
		b.WriteString("  ✗ " + plain(d) + "\n")
	}
	return b.String()
}

func relayRows(s *Summary) [][]string {
	rows := [][]string{{"relay says", "received", "rejected", "accepted", "dropped", "copies", "confirmed", "unaccounted"}}
	for _, l := range s.RelayLedger {
		row := []string{plain(l.Path)}
		for _, n := range []int64{l.Received, l.Rejected, l.Accepted, l.Dropped, l.Copies, l.Confirmed, l.Unaccounted} {
			row = append(row, humanize.Comma(n))
		}
		rows = append(rows, row)
	}
	return rows
}

var ladder = []struct {
	name    string
	percent float64
}{{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}, {"max", 100}}

// ladderRows are the percentiles of all distributions of a run, with a heading.
func ladderRows(t times) [][]string {
	head := []string{"time to", "count"}
	for _, step := range ladder {
		head = append(head, step.name)
	}
	rows := [][]string{head}
	for _, d := range []struct {
		name string
		*spread
	}{
		{"each reply", t.reply}, {"first reply", t.firstReply}, {"last reply", t.lastReply},
		{"each copy", t.copied}, {"last copy", t.lastCopy}, {"all sent", t.sent},
	} {
		row := []string{d.name, humanize.Comma(d.count())}
		for _, step := range ladder {
			row = append(row, optional(d.percentile(step.percent)))
		}
		rows = append(rows, row)
	}
	return rows
}

func ladderText(t times) string {
	return "\nlatency in ms, from the planned time\n" + table(1, ladderRows(t))
}

func ratesText(s *Summary) string {
	return fmt.Sprintf("\nrates\n  requests planned %s, copies %s, replies %s; sent late by %s ms at most\n",
		rate(s.RequestRate), rate(s.CopyRate), rate(s.ReplyRate), number(s.Lag))
}

func rate(v *float64) string {
	if v == nil {
		return "unknown"
	}
	return number(*v) + "/s"
}

func costRows(s *Summary) [][]string {
	return [][]string{
		{"", "us/copy", "us/reply", "% of a CPU", "MB resident", "threads", "connections", "switches/s"},
		{"relay", optional(s.CPUPerCopy), optional(s.CPUPerReply), optional(s.RelayCPU), optional(s.RelayRSS),
			optionalCount(s.RelayThreads), optionalCount(s.RelayConns), optional(s.RelaySwitches)},
		{"generator", dash, dash, optional(s.GeneratorCPU), optional(s.GeneratorRSS), dash, dash, dash},
	}
}

func costsText(s *Summary) string { return "\ncost\n" + table(1, costRows(s)) }
