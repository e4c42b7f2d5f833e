package config

import (
	"github.com/goccy/go-yaml/ast"
)

func (d *document) leaf(s setting, n ast.Node) {
	at := d.at(n.GetToken())
	a := assignment{path: s.path, origin: at}
	if !s.isList() {
		if value, ok := d.scalar(s, n); ok {
			a.texts = []string{value}
			d.assignments = append(d.assignments, a)
		}
		return
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		d.report(at, s.path, "want a list such as [a, b]%s", d.listHint(n))
		return
	}
	for _, element := range list.Values {
		if value, ok := d.scalar(s, element); ok {
			a.texts = append(a.texts, value)
			a.items = append(a.items, d.at(element.GetToken()))
		}
	}
	d.assignments = append(d.assignments, a)
}

func (d *document) listHint(n ast.Node) string {
	if s, ok := n.(*ast.StringNode); ok && len(s.Value) < longestSnippet {
		return "; write [" + maskURL(s.Value) + "]"
	}
	return ""
}

// scalar gives the expanded text of a value and reports one of the wrong kind.
func (d *document) scalar(s setting, n ast.Node) (string, bool) {
	raw, ok := d.rawScalar(s, n)
	if !ok {
		return "", false
	}
	value, err := d.expander.expand(raw)
	if err != nil {
		d.report(d.at(n.GetToken()), s.path, "%s", err)
		return "", false
	}
	return value, true
}

func (d *document) rawScalar(s setting, n ast.Node) (string, bool) {
	at := d.at(n.GetToken())
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.NullNode:
		d.report(at, s.path, "has no value; want %s, or remove the key", s.want())
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return d.unquoted(s, n)
	default:
		d.report(at, s.path, "want %s, got a %s%s", s.wantElement(), kindOf(n), s.braceHint(n))
	}
	return "", false
}

// unquoted is a number or boolean without quotes. Text fields refuse it: 0123 and 1e5 would not arrive as written.
func (d *document) unquoted(s setting, n ast.Node) (string, bool) {
	value := n.GetToken().Value
	if s.wantElement() != "text" {
		return value, true
	}
	if isSecret(s.path) {
		value = "..."
	}
	d.report(d.at(n.GetToken()), s.path, "want text, got a %s; put it in quotes: \"%s\"", kindOf(n), value)
	return "", false
}

// braceHint is for {listen: 127.0.0.1:8280}: between braces the YAML library takes any colon for a key's.
func (s setting) braceHint(n ast.Node) string {
	if kindOf(n) == "section" && s.wantElement() == "text" {
		return "; put it in quotes if it holds a colon"
	}
	return ""
}

func (s setting) wantElement() string {
	if s.isList() {
		return "text"
	}
	return s.want()
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "section"
	case *ast.SequenceNode:
		return "list"
	case *ast.BoolNode:
		return "boolean"
	}
	return "number"
}
