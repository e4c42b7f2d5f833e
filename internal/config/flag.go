package config

import (
	"fmt"
	"strings"
)

// assignment splits a list at commas: variables and flags hold one string.
func (l *loader) assignment(path string, at Origin, values []string) assignment {
	if l.schema.leaves[path].isList() {
		values = splitList(strings.Join(values, ","))
	}
	if isReadLate(path) { // what comes this way is taken literally
		values = []string{escape(strings.Join(values, ","))}
	}
	return assignment{path: path, texts: values, origin: at}
}

// Flag is one setting from the command line.
type Flag struct {
	// Name as the operator typed it, with its dashes.
	Name string
	// Key is the dotted path of the setting.
	Key string
	// Values holds one element, or any number for a list.
	Values []string
}

func (l *loader) readFlags() {
	for _, f := range l.src.Flags {
		at := Origin{source: fromFlag, Name: f.Name}
		if _, ok := l.schema.leaves[f.Key]; !ok {
			panic(fmt.Sprintf("config: BUG: flag %s sets unknown key %q", f.Name, f.Key))
		}
		l.assignments = append(l.assignments, l.assignment(f.Key, at, f.Values))
	}
}
