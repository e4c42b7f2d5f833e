package config

import _ "embed"

// Examples are complete configurations to start from; docs/examples holds the same files.
var (
	//go:embed examples/minimal.yaml
	minimalExample string
	//go:embed examples/full.yaml
	fullExample string
	//go:embed examples/edge.yaml
	edgeExample string
)

// EdgeExample returns a configuration of an edge to start from.
func EdgeExample() string { return edgeExample }

// Example returns a configuration to start from. If full it has every setting and its meaning,
// otherwise the least that works.
func Example(full bool) string {
	if full {
		return fullExample
	}
	return minimalExample
}
