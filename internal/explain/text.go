package explain

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
)

const (
	// width is that of a terminal, in columns.
	width = 80
	// longest is how many bytes of a text of others are shown.
	longest = 255
)

// clean returns a text of others as printable ASCII of at most so many columns. A terminal obeys
// what is not.
func clean(text string, most int) string {
	text = text[:min(len(text), longest+1)]
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r >= utf8.RuneSelf-1 {
			return '?'
		}
		return r
	}, text)
	if len(text) > most {
		text = text[:max(0, most-3)] + "..."
	}
	return text
}

// wrap returns text in lines of at most columns, each behind indent.
func wrap(text, indent string, columns int) string {
	var b strings.Builder
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line) > len(indent) && len(line)+1+len(word) > columns {
			b.WriteString(line + "\n")
			line = indent
		}
		if len(line) > len(indent) {
			line += " "
		}
		line += word
	}
	b.WriteString(line + "\n")
	return b.String()
}

// A table has its first column to the left, and all others to the right. The first row is the
// heading.
type table [][]string

func (t *table) add(cells ...string) { *t = append(*t, cells) }

// text returns the table. Its first column gets what the others leave of the width.
func (t table) text() string {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	room := width
	for _, w := range widths[1:] {
		room -= w + 2
	}
	widths[0] = min(widths[0], max(room, 12))
	var b strings.Builder
	for _, row := range t {
		line := fmt.Sprintf("%-*s", widths[0], clean(row[0], widths[0]))
		for i, cell := range row[1:] {
			line += fmt.Sprintf("  %*s", widths[i+1], cell)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

func comma(n int64) string { return humanize.Comma(n) }

// Instances says how many there are.
func Instances(n int) string { return plural(n, "instance") }

// plural returns a number with a word, which gets an s unless the number is 1.
func plural[N int | int64](n N, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return comma(int64(n)) + " " + word + "s"
}

// at writes a time.
func at(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000 UTC") }

// after writes how long after from something was, or nothing if either is not known.
func after(t, from time.Time) string {
	if t.IsZero() || from.IsZero() {
		return ""
	}
	return fmt.Sprintf("%+.3fs", t.Sub(from).Seconds())
}
