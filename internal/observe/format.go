package observe

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
)

// Age writes a duration in at most two units: 12s, 3m12s, 4d3h.
func Age(d time.Duration) string {
	d = d.Round(time.Second)
	s := int64(d / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 24*3600:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%dh", s/86400, s/3600%24)
}

// Seconds is Age for a number of seconds.
func Seconds(s float64) string { return Age(time.Duration(s * float64(time.Second))) }

// Milliseconds writes a short duration in at most seven columns: 0.12ms, 1.2ms, 340ms, 1.2s.
func Milliseconds(seconds float64) string {
	switch ms := seconds * 1000; {
	case ms == 0:
		return "0ms"
	case ms < 0.995:
		return fmt.Sprintf("%.2fms", ms)
	case ms < 9.95:
		return fmt.Sprintf("%.1fms", ms)
	case ms < 999.5:
		return fmt.Sprintf("%.0fms", ms)
	}
	if seconds < 99.95 {
		return fmt.Sprintf("%.1fs", seconds)
	}
	return Short(seconds) + "s"
}

// Count writes a number in at most width columns, but never fewer than four: with commas, without,
// or shortened, as 1.23M.
func Count(n int64, width int) string {
	text := humanize.Comma(n)
	if len(text) > width {
		text = strconv.FormatInt(n, 10)
	}
	if len(text) > width {
		text = Short(float64(n))
	}
	return text
}

// Short writes a number that is not negative in at most five columns: 0, 9.5, 950, 9.50k, 95.0k,
// 1.23M.
func Short(n float64) string {
	const units = " kMGTPE"
	unit := 0
	for n >= 999.5 && unit < len(units)-1 {
		n, unit = n/1000, unit+1
	}
	suffix := units[unit : unit+1]
	if unit == 0 {
		suffix = ""
	}
	digits := 0
	switch {
	case unit == 0 && (n == math.Trunc(n) || n >= 99.5):
	case unit == 0 || n >= 99.95:
		digits = 1
	case n < 9.995:
		digits = 2
	case n < 99.95:
		digits = 1
	}
	if n >= 99.95 {
		digits = 0
	}
	return strconv.FormatFloat(n, 'f', digits, 64) + suffix
}

// Rate writes a number per second.
func Rate(perSecond float64) string { return Short(perSecond) + "/s" }
