package demo

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/fedrelay/fedrelay/internal/fleet"
)

// numbers are what a line is made of.
type numbers struct {
	totals      fleet.Totals
	part        float64 // of the time to run that is over, 0 to 1
	rate        float64
	p50, p99    float64 // ms
	unaccounted int64   // by the relays
}

const (
	green = "\x1b[32m"
	red   = "\x1b[31m"
	plain = "\x1b[0m"
)

// plainLine says everything, for logs.
func (n numbers) plainLine() string {
	return fmt.Sprintf("requests %d  replies %d/%d  %s/s  p50 %.1f ms  p99 %.1f ms  %s",
		n.totals.Requests, n.totals.Replies, n.totals.Targets, humanize.Comma(int64(n.rate)), n.p50, n.p99,
		n.verdict())
}

// verdict is what should be zero.
func (n numbers) verdict() string {
	return fmt.Sprintf("lost %d  duplicates %d  unaccounted %d", n.totals.Lost, n.totals.Duplicates(), n.unaccounted)
}

// liveLine fits into width columns: first the bar shrinks, then the end is cut.
func (n numbers) liveLine(width int, color bool) string {
	replies := fmt.Sprintf(" %s replies %s/s, p50 %.0f p99 %.0f ms, ",
		humanize.Comma(n.totals.Replies), humanize.Comma(int64(n.rate)), n.p50, n.p99)
	// The last column stays free: some terminals wrap when it is written.
	verdict := fmt.Sprintf("lost %d dup %d unaccounted %d", n.totals.Lost, n.totals.Duplicates(), n.unaccounted)
	room := width - 1 - len(replies) - len(verdict)
	line := n.bar(min(room, 40)) + replies
	if room < 0 {
		return clip(line+verdict, width-1)
	}
	if !color {
		return line + verdict
	}
	shade := green
	if !n.totals.Clean() || n.unaccounted != 0 {
		shade = red
	}
	return line + shade + verdict + plain
}

// bar is at most n columns wide.
func (n numbers) bar(columns int) string {
	cells := columns - 2
	if cells < 3 {
		return ""
	}
	full := int(float64(cells) * n.part)
	return "[" + strings.Repeat("#", full) + strings.Repeat("-", cells-full) + "]"
}

func clip(s string, n int) string { return s[:min(max(n, 0), len(s))] }
