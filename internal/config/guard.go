package config

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

const noAliases = "anchors, aliases and merge keys are not supported; write the value out"

// guard finds documents with things that no configuration needs: aliases, tags, deep nesting, very
// many keys. Its fields count what it has seen.
type guard struct{ keys, elements int }

// check returns the first node that is not allowed, and why it is not. The text is "" if all nodes
// are allowed. Aliases are not followed, so the tree is no larger than the text.
func (g *guard) check(n *yaml.Node, depth int) (*yaml.Node, string) {
	if why := g.forbidden(n, depth); why != "" {
		return n, why
	}
	for _, child := range n.Content {
		if bad, why := g.check(child, depth+1); bad != nil {
			return bad, why
		}
	}
	return nil, ""
}

func (g *guard) forbidden(n *yaml.Node, depth int) string {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "" || n.Tag == "!!merge":
		return noAliases
	case n.Style&yaml.TaggedStyle != 0:
		return "tags such as !!str are not supported; remove it"
	}
	return g.size(n, depth)
}

func (g *guard) size(n *yaml.Node, depth int) string {
	switch n.Kind {
	case yaml.MappingNode:
		g.keys += len(n.Content) / 2
	case yaml.SequenceNode:
		g.elements += len(n.Content)
	}
	switch {
	case g.keys > maxKeys:
		return fmt.Sprintf("more than %d keys; a complete configuration has fewer than 100", maxKeys)
	case g.elements > maxElements:
		return fmt.Sprintf("more than %d list elements", maxElements)
	case depth > maxNesting:
		return fmt.Sprintf("nested more than %d levels deep; settings are at most three", maxNesting)
	}
	return ""
}
