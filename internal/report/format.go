package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dustin/go-humanize"

	"github.com/fedrelay/fedrelay/internal/record"
)

// number writes a number for people: whole if it is, else with three digits or more.
func number(v float64) string {
	switch size := math.Abs(v); {
	case v == math.Trunc(v) && size < 1e15:
		return humanize.Comma(int64(v))
	case size >= 1e15:
		return strconv.FormatFloat(v, 'g', 4, 64)
	case size >= 100:
		return humanize.Comma(int64(math.Round(v)))
	case size >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case size >= 1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

// dash takes the place of what was not measured.
const dash = "-"

func optional(v *float64) string {
	if v == nil {
		return dash
	}
	return number(*v)
}

func optionalCount(v *int64) string {
	if v == nil {
		return dash
	}
	return humanize.Comma(*v)
}

func plural(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return humanize.Comma(n) + " " + noun
}

// shell quotes words for a shell. What could control a terminal is escaped.
func shell(words []string) string {
	var b strings.Builder
	for i, word := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quoted(word))
	}
	return b.String()
}

func quoted(word string) string {
	printable := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
	switch {
	case !printable:
		return strconv.Quote(word)
	case word == "" || strings.ContainsAny(word, " '\"<>|&;$(){}*?!\\`#"):
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// plain replaces what could control a terminal.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// wrapped joins words with a separator, breaking lines before width; later lines are indented.
func wrapped(words []string, separator string, indent, width int) string {
	var b strings.Builder
	column := indent
	for i, word := range words {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+len(separator)+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteString(separator)
			column += len(separator)
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// rangeOf writes a median, and from where to where the values go if they differ.
func rangeOf(values []float64) string {
	switch {
	case len(values) == 0:
		return dash
	case width(values) == 0:
		return number(values[0])
	}
	return fmt.Sprintf("%s (%s to %s)", number(record.Median(values)), number(slices.Min(values)), number(slices.Max(values)))
}
