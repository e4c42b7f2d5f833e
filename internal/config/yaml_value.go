package config

import (
	"go.yaml.in/yaml/v4"
)

func (d *document) leaf(s setting, n *yaml.Node) {
	at := d.placeOf(n)
	a := assignment{path: s.path, origin: at}
	if !s.isList() {
		if value, ok := d.scalar(s, n); ok {
			a.texts = []string{value}
			d.assignments = append(d.assignments, a)
		}
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.report(at, s.path, "want a list such as [a, b]%s", d.listHint(n))
		return
	}
	for _, element := range n.Content {
		if value, ok := d.scalar(s, element); ok {
			a.texts = append(a.texts, value)
			a.elements = append(a.elements, d.placeOf(element))
		}
	}
	d.assignments = append(d.assignments, a)
}

func (d *document) listHint(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" && len(n.Value) < longestSnippet && !d.text.mayBeSecret(d.placeOf(n)) {
		return "; write [" + maskURL(n.Value) + "]"
	}
	return ""
}

// scalar returns the expanded text of a value, and reports a value of the wrong kind.
func (d *document) scalar(s setting, n *yaml.Node) (string, bool) {
	raw, ok := d.rawScalar(s, n)
	if !ok {
		return "", false
	}
	e := d.expander
	e.keepFiles = isReadLate(s.path)
	value, err := e.expand(raw)
	if err != nil {
		d.report(d.placeOf(n), s.path, "%s", err)
		return "", false
	}
	return value, true
}

func (d *document) rawScalar(s setting, n *yaml.Node) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode:
		d.report(d.placeOf(n), s.path, "want %s, got a %s", s.wantElement(), kindOf(n))
		return "", false
	case n.Tag == "!!null":
		d.report(d.placeOf(n), s.path, "has no value; want %s, or remove the key", s.want())
		return "", false
	case n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!bool":
		return d.unquoted(s, n)
	}
	return n.Value, true
}

// unquoted returns the text of a number or boolean without quotes. It is a mistake if the setting
// is a text, because 0123 and 1e5 would not arrive as written.
func (d *document) unquoted(s setting, n *yaml.Node) (string, bool) {
	value := n.Value
	if s.wantElement() != "text" {
		return value, true
	}
	if isSecret(s.path) || d.text.mayBeSecret(d.placeOf(n)) {
		value = "..."
	}
	d.report(d.placeOf(n), s.path, "want text, got a %s; put it in quotes: \"%s\"", kindOf(n), value)
	return "", false
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "section"
	case n.Kind == yaml.SequenceNode:
		return "list"
	case n.Tag == "!!bool":
		return "boolean"
	}
	return "number"
}
