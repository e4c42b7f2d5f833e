package screen

import (
	"strings"
	"unicode/utf8"
)

// A Look is how a piece of text is drawn. See style.
type Look int

// Looks.
const (
	Plain Look = iota
	Dim
	Bold
	Good
	Warn
	Bad
	Flow // numbers that move
)

// A span is text of one look.
type span struct {
	text string
	look Look
}

// A Line is one line of the view.
type Line []span

// text returns a line of one look.
func text(look Look, s string) Line { return Line{{s, look}} }

// width is in columns. All characters of this package are one wide.
func width(s string) int { return utf8.RuneCountInString(s) }

// Width returns how many columns a line fills.
func (l Line) Width() (n int) {
	for _, s := range l {
		n += width(s.text)
	}
	return n
}

// Text returns a line without its looks.
func (l Line) Text() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.text)
	}
	return b.String()
}

func (l *Line) add(look Look, s string) { *l = append(*l, span{s, look}) }

// cut returns a line that is at most columns wide. more stands at its end if something is missing.
func (l Line) cut(columns int, more string) Line {
	if l.Width() <= columns {
		return l
	}
	var short Line
	room := columns - width(more)
	for _, s := range l {
		s.text = first(s.text, room)
		room -= width(s.text)
		short = append(short, s)
	}
	if columns >= width(more) {
		short.add(Dim, more)
	}
	return short
}

// first returns the first columns of a text.
func first(s string, columns int) string {
	if columns <= 0 {
		return ""
	}
	for i := range s {
		if columns == 0 {
			return s[:i]
		}
		columns--
	}
	return s
}

// fit returns a text that is columns wide exactly, at its left or right end. more stands where
// something is missing.
func fit(s string, columns int, right bool, more string) string {
	missing := columns - width(s)
	switch {
	case missing < 0:
		return first(s, columns-width(more)) + more
	case right:
		return strings.Repeat(" ", missing) + s
	}
	return s + strings.Repeat(" ", missing)
}

// words breaks a text into lines of at most columns, at spaces where that is possible.
func words(s string, columns int) (lines []string) {
	for s != "" && columns > 0 {
		if width(s) <= columns {
			return append(lines, s)
		}
		head := first(s, columns+1)
		end := strings.LastIndexByte(head, ' ')
		if end <= 0 {
			end = len(first(s, columns))
		}
		lines = append(lines, s[:end])
		s = strings.TrimLeft(s[end:], " ")
	}
	return lines
}
