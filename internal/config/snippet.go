package config

import (
	"fmt"
	"strings"
)

// fileText is the content of a file in lines, for error messages.
type fileText struct {
	name  string
	lines []string
}

func newText(name string, content []byte) fileText {
	return fileText{name: name, lines: strings.Split(string(content), "\n")}
}

func (t fileText) place(line, col int) Origin {
	return Origin{source: fromFile, Name: t.name, Line: line, Col: col}
}

// atRune is place for a column that counts characters, as those of the YAML library do. The column
// of an Origin counts bytes.
func (t fileText) atRune(line, col int) Origin {
	line, col = max(line, 1), max(col, 1)
	if line <= len(t.lines) {
		runes := []rune(t.lines[line-1])
		col = 1 + len(string(runes[:min(col-1, len(runes))]))
	}
	return t.place(line, col)
}

// rest returns the part of the line that begins at o.
func (t fileText) rest(o Origin) string {
	if o.Line < 1 || o.Line > len(t.lines) {
		return ""
	}
	line := t.lines[o.Line-1]
	return line[min(max(o.Col-1, 0), len(line)):]
}

// mayBeSecret reports whether what stands at o may be the rest of a password or of a login that was
// cut at a comma.
func (t fileText) mayBeSecret(o Origin) bool {
	if o.Line < 1 || o.Line > len(t.lines) {
		return false
	}
	line := t.lines[o.Line-1]
	return strings.Contains(t.rest(o), "@") || secretKey.MatchString(line[:len(line)-len(t.rest(o))]) || insideFlow(t.lines[:o.Line-1])
}

// longestSnippet is how many bytes a line may have to be shown.
const longestSnippet = 120

// snippet shows the line of o with a caret under the place, as compilers do. Secrets on the line
// are masked. That may shorten the line, so the caret is left out if it would point past the end.
func (t fileText) snippet(o Origin) string {
	if o.Name != t.name || o.Line < 1 || o.Line > len(t.lines) {
		return ""
	}
	line := maskSecrets(strings.TrimRight(t.lines[o.Line-1], "\r"), t.lines[:o.Line-1], t.lines[o.Line:])
	if len(line) > longestSnippet || o.Col > len(line)+1 {
		return ""
	}
	return fmt.Sprintf("%6d | %s\n       | %s^", o.Line, line, blanks(line, o.Col-1))
}

// blanks returns white space as wide as the first n bytes of line, tabs included.
func blanks(line string, n int) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, line[:min(max(n, 0), len(line))])
}

// cutAfterKey hides the value of an unknown key, which may be a misspelt password.
func (t fileText) cutAfterKey(o Origin) fileText {
	if o.Line < 1 || o.Line > len(t.lines) {
		return t
	}
	line := t.lines[o.Line-1]
	if i := strings.IndexByte(line[min(o.Col-1, len(line)):], ':'); i >= 0 {
		lines := append([]string(nil), t.lines...)
		lines[o.Line-1] = line[:o.Col+i]
		return fileText{name: t.name, lines: lines}
	}
	return t
}
