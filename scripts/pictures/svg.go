package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// Sizes in the picture, in pixels.
const (
	cellWidth  = 8
	cellHeight = 17
	baseline   = 13 // of text in a cell
	margin     = 12
)

// palette are the colours of the terminal: background, text, and those with numbers.
var (
	background = "#16181d"
	foreground = "#d7dae0"
	palette    = [8]string{"#5c6370", "#ff6b6b", "#7bc275", "#e6c07b", "#61afef", "#c678dd", "#56b6c2", "#d7dae0"}
)

// svg draws lines of a terminal of a size.
func svg(lines [][]piece, columns, rows int) []byte {
	var b bytes.Buffer
	width, height := columns*cellWidth+2*margin, rows*cellHeight+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>fedrelay observe in a terminal of %d columns and %d rows</title>\n", columns, rows)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="%s"/>`+"\n", width, height, background)
	b.WriteString(`<g font-family="'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace" font-size="13">` + "\n")
	for row, line := range lines {
		for _, r := range line {
			drawRun(&b, r, row)
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}

// drawRun draws each word as text, because readers of SVG collapse spaces. Blocks become
// rectangles, because fonts leave gaps between them.
func drawRun(b *bytes.Buffer, r piece, row int) {
	for i := 0; i < len(r.text); {
		end := i + 1
		if isBlock(r.text[i]) {
			for end < len(r.text) && r.text[end] == r.text[i] {
				end++
			}
			drawBlocks(b, r, i, end, row)
		} else {
			for end < len(r.text) && !isBlock(r.text[end]) && r.text[end] != ' ' && r.text[i] != ' ' {
				end++
			}
			drawText(b, r, i, end, row)
		}
		i = end
	}
}

func isBlock(r rune) bool { _, _, ok := block(r); return ok }

// block returns the height of a block in eighths of a cell, and how dense it is.
func block(r rune) (eighths int, opacity float64, ok bool) {
	switch {
	case r >= '▁' && r <= '█':
		return int(r-'▁') + 1, 1, true
	case r >= '░' && r <= '▓':
		return 8, 0.25 * float64(r-'░'+1), true
	}
	return 0, 0, false
}

func drawBlocks(b *bytes.Buffer, r piece, from, to, row int) {
	eighths, opacity, _ := block(r.text[from])
	height := float64(cellHeight) * float64(eighths) / 8
	top := float64(margin+(row+1)*cellHeight) - height
	fmt.Fprintf(b, `<rect x="%d" y="%.1f" width="%d" height="%.1f" fill="%s" opacity="%.2f"/>`+"\n",
		margin+(r.column+from)*cellWidth, top, (to-from)*cellWidth, height, colour(r.style), opacity*strength(r.style))
}

func drawText(b *bytes.Buffer, r piece, from, to, row int) {
	text := string(r.text[from:to])
	if text == " " {
		return
	}
	weight := ""
	if r.style.bold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" textLength="%d" lengthAdjust="spacingAndGlyphs" fill="%s" opacity="%.2f"%s>`,
		margin+(r.column+from)*cellWidth, margin+row*cellHeight+baseline, (to-from)*cellWidth, colour(r.style), strength(r.style), weight)
	_ = xml.EscapeText(b, []byte(text)) // a buffer does not fail
	b.WriteString("</text>\n")
}

func colour(s style) string {
	if s.colour < 0 {
		return foreground
	}
	return palette[s.colour]
}

func strength(s style) float64 {
	if s.dim {
		return 0.6
	}
	return 1
}
