package config

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// The YAML library's parser takes quadratic time and memory for deep or wide documents, so what it is given is bounded first.
// A complete configuration has about 80 keys three levels deep.
const (
	maxFile     = 64 << 10
	maxKeys     = 400
	maxNesting  = 8
	maxElements = 10_000
)

// guard refuses, by their tokens, documents that no configuration needs: aliases, tags, several documents, deep nesting.
type guard struct {
	keys, elements, nesting, documents int
	// dashes on one line nest lists without indenting.
	dashLine, dashes int
}

// check returns the first token refused and why, or "".
func (g *guard) check(tokens token.Tokens) (*token.Token, string) {
	for _, t := range tokens {
		if why := g.refuse(t); why != "" {
			return t, why
		}
	}
	return nil, ""
}

func (g *guard) refuse(t *token.Token) string {
	switch t.Type {
	case token.AnchorType, token.AliasType, token.MergeKeyType:
		return "anchors, aliases and merge keys are not supported; write the value out"
	case token.TagType:
		return "tags such as !!str are not supported; remove it"
	case token.DirectiveType, token.MappingKeyType:
		return "directives and \"? \" keys are not supported; write key: value"
	case token.DocumentHeaderType:
		return g.document(t)
	}
	return g.size(t)
}

func (g *guard) document(t *token.Token) string {
	g.documents++
	if g.documents > 1 || (t.Prev != nil && t.Prev.Type != token.CommentType) {
		return "a second document starts here; a configuration is one document, remove the ---"
	}
	return ""
}

func (g *guard) size(t *token.Token) string {
	switch t.Type {
	case token.MappingValueType:
		g.keys++
	case token.SequenceEntryType:
		g.elements++
		g.dash(t)
	case token.CollectEntryType:
		g.elements++
	case token.SequenceStartType, token.MappingStartType:
		g.nesting++
	case token.SequenceEndType, token.MappingEndType:
		g.nesting--
	}
	switch {
	case g.keys > maxKeys:
		return fmt.Sprintf("more than %d keys; a complete configuration has fewer than 100", maxKeys)
	case g.elements > maxElements:
		return fmt.Sprintf("more than %d list elements", maxElements)
	case g.nesting > maxNesting || g.dashes > maxNesting:
		return fmt.Sprintf("nested more than %d levels deep; settings are at most three", maxNesting)
	}
	return ""
}

func (g *guard) dash(t *token.Token) {
	if t.Position.Line != g.dashLine {
		g.dashLine, g.dashes = t.Position.Line, 0
	}
	g.dashes++
}
