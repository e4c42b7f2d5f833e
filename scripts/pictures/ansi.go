package main

import (
	"strconv"
	"strings"
)

// A style is what a terminal knows of a character beside the character.
type style struct {
	colour    int // 0 to 7, or -1: that of the terminal
	bold, dim bool
}

// A piece is characters of one style in one line.
type piece struct {
	column int
	text   []rune
	style  style
}

// parse reads lines with escape sequences for colours, as tmux captures them.
func parse(screen string) (lines [][]piece) {
	for _, line := range strings.Split(strings.TrimSuffix(screen, "\n"), "\n") {
		lines = append(lines, parseLine(line))
	}
	return lines
}

func parseLine(line string) (runs []piece) {
	now, column := style{colour: -1}, 0
	for line != "" {
		if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
			codes, after, _ := strings.Cut(rest, "m")
			now, line = now.after(codes), after
			continue
		}
		text, after := line, ""
		if i := strings.IndexByte(line, '\x1b'); i >= 0 {
			text, after = line[:i], line[i:]
		}
		runes := []rune(text)
		runs = append(runs, piece{column, runes, now})
		column, line = column+len(runes), after
	}
	return runs
}

// after returns the style after a sequence of codes.
func (s style) after(codes string) style {
	for _, text := range strings.Split(codes, ";") {
		switch code, _ := strconv.Atoi(text); { // no text is 0
		case code == 0:
			s = style{colour: -1}
		case code == 1:
			s.bold = true
		case code == 2:
			s.dim = true
		case code == 22:
			s.bold, s.dim = false, false
		case code >= 30 && code <= 37:
			s.colour = code - 30
		case code == 39:
			s.colour = -1
		}
	}
	return s
}
