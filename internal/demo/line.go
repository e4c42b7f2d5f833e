package demo

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/fedrelay/fedrelay/internal/fleet"
)

// numbers are what a line is made of.
type numbers struct {
	totals           fleet.Totals
	replied, targets int // of the current request
	rate             float64
	p50, p99         float64 // ms
}

const (
	green = "\x1b[32m"
	red   = "\x1b[31m"
	plain = "\x1b[0m"
)

// plainLine says everything, for logs.
func (n numbers) plainLine() string {
	return fmt.Sprintf("requests %d  replies %d/%d  %s/s  p50 %.1f ms  p99 %.1f ms  %s",
		n.totals.Requests, n.totals.Replies, n.totals.Targets, humanize.Comma(int64(n.rate)), n.p50, n.p99, n.verdict())
}

// verdict is what should be zero.
func (n numbers) verdict() string {
	return fmt.Sprintf("lost %d  duplicates %d", n.totals.Lost, n.totals.Duplicates())
}

// liveLine fits into width columns: first the bar shrinks, then the end is cut.
func (n numbers) liveLine(width int, color bool) string {
	left := fmt.Sprintf("request %d ", n.totals.Requests)
	middle := fmt.Sprintf(" %d/%d  %s/s  p50 %.0f p99 %.0f ms  ", n.replied, n.targets, humanize.Comma(int64(n.rate)), n.p50, n.p99)
	// The last column stays free: some terminals wrap when it is written.
	room := width - 1 - len(left) - len(middle) - len(n.verdict())
	line := left + n.bar(min(room, 40)) + middle
	if room < 0 {
		return clip(line+n.verdict(), width-1)
	}
	if !color {
		return line + n.verdict()
	}
	shade := green
	if !n.totals.Clean() {
		shade = red
	}
	return line + shade + n.verdict() + plain
}

// bar is at most n columns wide.
func (n numbers) bar(columns int) string {
	cells := columns - 2
	if cells < 3 || n.targets == 0 {
		return ""
	}
	full := cells * n.replied / n.targets
	return "[" + strings.Repeat("#", full) + strings.Repeat("-", cells-full) + "]"
}

func clip(s string, n int) string { return s[:min(max(n, 0), len(s))] }
