package archtest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// widest is how many columns a line with a comment has at most. A tab counts as four.
const widest = 100

// A remark is one line of a comment.
type remark struct {
	line   int
	text   string // as it stands in the file, from // or /* on
	column int    // columns in front of text: code, or tabs
}

// remarks returns all lines of comments of a file, without directives and the output of examples.
func remarks(s source) (all []remark) {
	lines := strings.Split(string(s.content), "\n")
	for _, group := range s.ast.Comments {
		for _, c := range group.List {
			if output.MatchString(c.Text) {
				break
			}
			at := positions.Position(c.Pos())
			column := columns(lines[at.Line-1][:at.Column-1])
			for i, text := range strings.Split(c.Text, "\n") {
				all = append(all, remark{at.Line + i, text, column})
				column = 0 // the next line of /* ... */
			}
		}
	}
	return slices.DeleteFunc(all, func(r remark) bool { return directive.MatchString(r.text) })
}

func columns(text string) int { return utf8.RuneCountInString(text) + 3*strings.Count(text, "\t") }

var (
	directive = regexp.MustCompile(`^//(go:|line |export |nolint)\S`)
	output    = regexp.MustCompile(`(?i)^// *(unordered )?output:`)
	// unwrappable is what cannot be wrapped: code or a drawing in a doc comment, and one long word.
	unwrappable = regexp.MustCompile(`^//(\t| {3,}[^-+*\d\s])|^// *(- |\* )?\S+$`)
	// strayWords are those that docs/glossary.md has others for.
	strayWords = regexp.MustCompile(`(?i)\b(tells? (whether|if)|messages? (is|are|was|were) refused|refused messages?)\b`)
)

// tooWide reports whether a line with a comment should have been wrapped.
func (r remark) tooWide() bool {
	return r.column+columns(r.text) > widest && !unwrappable.MatchString(r.text)
}

func TestCommentsAreWrapped(t *testing.T) {
	for _, s := range goFiles(t) {
		for _, r := range remarks(s) {
			if r.tooWide() {
				t.Errorf("%s:%d: a comment is wider than %d columns", s.path, r.line, widest)
			}
		}
	}
}

func TestCommentsUseTheWordsOfTheGlossary(t *testing.T) {
	for _, s := range goFiles(t) {
		for _, r := range remarks(s) {
			if word := strayWords.FindString(r.text); word != "" {
				t.Errorf("%s:%d: %q: docs/glossary.md has another word", s.path, r.line, word)
			}
		}
	}
}

// strayNames are words that docs/glossary.md does not want as a part of names.
var strayNames = regexp.MustCompile(`(^|[a-z0-9])(Processor|Manager|Item|Chunk|Util|Helper|Egest|DTO)s?([A-Z]|$)`)

func TestNamesUseTheWordsOfTheGlossary(t *testing.T) {
	for name := range theHouse(t).symbols {
		if !strings.Contains(name, ".") && isStray(name) {
			t.Errorf("%s: docs/glossary.md does not want that word", name)
		}
	}
}

func isStray(name string) bool {
	return strayNames.MatchString(strings.ToUpper(name[:1]) + name[1:])
}

func TestCommentsAreMeasured(t *testing.T) {
	word := strings.Repeat("x", 48) + " "
	for text, wide := range map[string]bool{
		"// " + word + word:                                       false,
		"// " + word + word[:45] + "xyz":                          false,
		"// " + word + word[:45] + "x xyz":                        true,
		"\t// " + word + word[:44]:                                false,
		"\t// " + word + word[:46] + "yz":                         true,
		"x := 1 // " + word + word:                                true,
		"//go:generate " + word + word + word:                     false,
		"//\t" + word + word + word:                               false,
		"//     " + word + word + word:                            false,
		"// " + strings.TrimSpace(word) + word + "/" + word + "y": true,
		"// https://" + strings.Repeat("x", 120):                  false,
		"// Output:\n// " + word + word + word:                    false,
		"/* a\n" + word + word + word + " */":                     true,
	} {
		s := parsed(t, "package p\nfunc f() {\n"+strings.TrimRight(text, " ")+"\n}\n")
		if found := slices.ContainsFunc(remarks(s), remark.tooWide); found != wide {
			t.Errorf("%q: %v", text, found)
		}
	}
}

func TestStrayWordsAreFound(t *testing.T) {
	for text, stray := range map[string]bool{
		"ok tells whether it is": true, "Tell if it is": true, "the message is refused": true, "refused messages": true,
		"ok reports whether it is": false, "a copy is refused": false, "the fortune-teller": false,
	} {
		if strayWords.MatchString(text) != stray {
			t.Errorf("%q: %v", text, !stray)
		}
	}
}

func TestStrayNamesAreFound(t *testing.T) {
	for name, stray := range map[string]bool{
		"item": true, "Items": true, "linkManager": true, "DTO": true, "queueItemSize": true, "helpers": true,
		"itemize": false, "Utility": false, "handler": false, "chunky": false, "element": false,
	} {
		if isStray(name) != stray {
			t.Errorf("%s: %v", name, !stray)
		}
	}
}
