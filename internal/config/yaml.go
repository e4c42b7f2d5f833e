package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// document turns a YAML file into assignments. We walk the tree ourselves, because a decoder stops
// at the first mistake and forgets the places of values.
type document struct {
	text     fileText
	schema   schema
	expander expander

	assignments []assignment
	// places holds where sections and keys stand, for mistakes that show only when all values are
	// known.
	places   map[string]Origin
	problems Problems
	broken   bool
}

// parse reads content, and adds its mistakes to problems.
func (d *document) parse(content []byte) {
	root, err := parseYAML(content)
	if err != nil {
		d.broken = true
		d.syntax(err)
		return
	}
	if n, why := new(guard).check(root, 0); n != nil {
		d.broken = true
		d.report(d.placeOf(n), "", "%s", why)
		return
	}
	for _, body := range root.Content {
		d.section("", body)
	}
}

func (d *document) placeOf(n *yaml.Node) Origin { return d.text.atRune(n.Line, n.Column) }

func (d *document) report(o Origin, key, format string, args ...any) {
	d.problems = append(d.problems, Problem{
		Origin: o, Key: key, Text: fmt.Sprintf(format, args...), Snippet: d.text.snippet(o),
	})
}

func (d *document) section(path string, n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			d.entry(path, n.Content[i], n.Content[i+1])
		}
		return
	}
	switch {
	case n.Tag == "!!null": // a section with everything commented out
	case path == "":
		d.broken = true
		d.report(d.placeOf(n), "", "want settings such as \"cluster: london\"; look for a colon that is missing, or the space behind one")
	default:
		d.report(d.placeOf(n), path, "want a section with the keys %s",
			strings.Join(d.schema.children[path], ", "))
	}
}

func (d *document) entry(section string, name, value *yaml.Node) {
	place := d.placeOf(name)
	if name.Kind != yaml.ScalarNode {
		d.report(place, section, "want a key such as %s, got a %s",
			d.schema.children[section][0], kindOf(name))
		return
	}
	key := name.Value
	path := join(section, key)
	// Not a look-up of the path: a key written with dots must not reach into a section.
	if !slices.Contains(d.schema.children[section], key) {
		if value.Tag == "!!null" && d.text.mayBeSecret(place) {
			d.report(place, section, "ends with something that is no key; put a value that holds a comma in quotes")
			return
		}
		d.unknown(place, section, key)
		return
	}
	if first, dup := d.places[path]; dup {
		d.report(place, path, "duplicate key, first set at line %d; remove one", first.Line)
		return
	}
	d.places[path] = place
	if leaf, ok := d.schema.leaves[path]; ok {
		d.leaf(leaf, value)
		return
	}
	d.section(path, value)
}

func (d *document) unknown(place Origin, section, key string) {
	meant, shown := d.schema.guess(section, key)
	hint := " (allowed: " + strings.Join(d.schema.children[section], ", ") + ")"
	if meant != "" {
		hint = fmt.Sprintf(" (did you mean %q?)", shown)
	}
	if section != "" && meant == key {
		hint = " (did you mean the one outside of all sections?)"
	}
	where := ""
	if section != "" {
		where = " in " + section
	}
	p := Problem{
		Origin: place, Text: fmt.Sprintf("unknown key %s%s%s", quoted(key), where, hint), explains: meant,
	}
	p.Snippet = d.text.cutAfterKey(place).snippet(place)
	d.problems = append(d.problems, p)
}
