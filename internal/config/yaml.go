package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// document is a YAML file being turned into assignments. The tree is walked here and not decoded by the library, because only
// then every mistake is found in one pass and every value keeps its place.
type document struct {
	text     fileText
	schema   schema
	expander expander

	assignments []assignment
	// places of sections and keys, for mistakes that show only when all values are known.
	places   map[string]Origin
	problems Problems
	broken   bool
}

// parse reads content; mistakes are left in problems.
func (d *document) parse(content []byte) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	tokens := lexer.Tokenize(string(content))
	if t, why := new(guard).check(tokens); t != nil {
		d.broken = true
		d.report(d.at(t), "", "%s", why)
		return
	}
	file, err := parseTokens(tokens)
	if err != nil {
		d.syntax(err)
		return
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			d.section("", doc.Body)
		}
	}
}

// parseTokens leaves duplicate keys in: they are found later, all of them, with both places. A panic of the library's would be
// a bug of its, but no reason to show an operator a stack.
func parseTokens(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the parser gave up on it")
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

func (d *document) syntax(err error) {
	d.broken = true
	var se *yaml.SyntaxError
	if errors.As(err, &se) && se.Token != nil {
		d.report(d.at(se.Token), "", "not valid YAML: %s%s", printable(se.Message), tabHint(se.Message))
		return
	}
	d.report(d.text.at(1, 1), "", "not valid YAML: %s", strings.SplitN(err.Error(), "\n", 2)[0])
}

// printable keeps the bytes the library complains of from reaching the terminal.
func printable(message string) string {
	return strings.NewReplacer("\t", `\t`, "\n", `\n`).Replace(message)
}

func tabHint(message string) string {
	if strings.Contains(message, "\t") {
		return "; indent with spaces"
	}
	return ""
}

func (d *document) at(t *token.Token) Origin {
	return d.text.at(max(t.Position.Line, 1), max(t.Position.Column, 1))
}

func (d *document) report(o Origin, key, format string, args ...any) {
	d.problems = append(d.problems, Problem{Origin: o, Key: key, Text: fmt.Sprintf(format, args...), Snippet: d.text.snippet(o)})
}

func (d *document) section(path string, n ast.Node) {
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, entry := range n.Values {
			d.entry(path, entry)
		}
	case *ast.MappingValueNode:
		d.entry(path, n)
	case *ast.NullNode: // a section with everything commented out
	default:
		d.report(d.at(n.GetToken()), path, "want a section with the keys %s", strings.Join(d.schema.children[path], ", "))
	}
}

func (d *document) entry(section string, entry *ast.MappingValueNode) {
	at := d.at(entry.Key.GetToken())
	key := entry.Key.GetToken().Value
	path := join(section, key)
	// Not a look-up of the path: a key written with dots must not reach into a section.
	if !slices.Contains(d.schema.children[section], key) {
		d.unknown(at, section, key)
		return
	}
	if first, dup := d.places[path]; dup {
		d.report(at, path, "duplicate key, first set at line %d; remove one", first.Line)
		return
	}
	d.places[path] = at
	if leaf, ok := d.schema.leaves[path]; ok {
		d.leaf(leaf, entry.Value)
		return
	}
	d.section(path, entry.Value)
}

func (d *document) unknown(at Origin, section, key string) {
	siblings := d.schema.children[section]
	hint := didYouMean(key, siblings)
	if nearest(key, siblings) == "" {
		if elsewhere := d.schema.elsewhere(key); elsewhere != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", elsewhere)
		}
	}
	where := ""
	if section != "" {
		where = " in " + section
	}
	p := Problem{Origin: at, Text: fmt.Sprintf("unknown key %s%s%s", quoted(key), where, hint)}
	p.Snippet = d.text.cutAfterKey(at).snippet(at)
	d.problems = append(d.problems, p)
}

// elsewhere finds the one leaf of that name, or the path itself where it was written with dots.
func (s schema) elsewhere(key string) string {
	if _, ok := s.leaves[key]; ok {
		first, rest, _ := strings.Cut(key, ".")
		return first + ": {" + strings.ReplaceAll(rest, ".", ": {") + ": ..." + strings.Repeat("}", strings.Count(key, "."))
	}
	var found []string
	for _, path := range s.paths {
		if strings.HasSuffix(path, "."+key) {
			found = append(found, path)
		}
	}
	if len(found) == 0 || len(found) > 2 {
		return ""
	}
	return found[0]
}

// cutAfterKey hides the value of a key nobody knows: it may be a misspelt password.
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
