package config

import "fmt"

// source is a kind of place that a setting can come from. A later one wins.
type source int

// Origin is where a value was written.
type Origin struct {
	source source
	// Name is a file's path, a variable's name, or a flag with its dashes; empty for a default.
	Name string
	// Line and Col count from 1; zero where the source has no lines.
	Line, Col int
	// alias is the key as the source spells it, if it differs from ours (Choria's files).
	alias string
}

const (
	fromDefault source = iota
	fromChoria
	fromFile
	fromEnv
	fromFlag
)

// String is file:line:col, the variable, the flag, or "default".
func (o Origin) String() string {
	switch {
	case o.source == fromDefault && o.Name == "":
		return "default"
	case o.Line > 0:
		return fmt.Sprintf("%s:%d:%d", o.Name, o.Line, o.Col)
	}
	return o.Name
}

// FromChoria reports whether the value comes from the original broker's files or variables.
func (o Origin) FromChoria() bool { return o.source == fromChoria }
