package docs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
)

// A node is a section or a setting in the schema of the configuration.
type node struct {
	About      string          `json:"description"`
	Default    any             `json:"default"`
	Variable   string          `json:"x-env"`
	Restart    string          `json:"x-restart"`
	Properties map[string]node `json:"properties"`
}

// Sections are in the order of the struct; what is said of each setting stands in the schema.
func TestReferenceOfSettings(t *testing.T) {
	text, err := os.ReadFile("../schemas/config.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema node
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	var p table
	p.WriteString("# Settings\n\nOf `fedrelay.yaml`. A flag wins over the variable, and that over the file. " +
		"`fedrelay config show --effective` prints all values and where they come from.\n\n" +
		"A reload (SIGHUP) changes a setting unless the last column says why it needs a restart.\n")
	section := ""
	keys := config.Keys()
	slices.SortStableFunc(keys, func(a, b config.Key) int { // those in no section first
		return cmp.Compare(min(1, strings.Count(a.Path, ".")), min(1, strings.Count(b.Path, ".")))
	})
	for _, k := range keys {
		if strings.HasPrefix(k.Path, "collective.") || strings.HasPrefix(k.Path, "line.") {
			continue // as those of the federation
		}
		n, about := find(t, schema, k.Path)
		if head, _, nested := strings.Cut(k.Path, "."); !nested {
			head = "general"
			section = sectionHead(&p, section, head, "")
		} else {
			section = sectionHead(&p, section, head, about)
		}
		p.row("`"+k.Path+"`", defaultText(n.Default), "`"+n.Variable+"`", n.About, k.Restart)
	}
	page(t, "settings", p.String())
}

// sectionHead begins another section, if it is another.
func sectionHead(p *table, now, next, about string) string {
	if now == next {
		return now
	}
	if next == "federation" {
		next, about = "federation", about+" The sections `collective`, and `line` of an edge, have the same settings."
	}
	p.WriteString("\n## " + next + "\n\n")
	if about != "" {
		p.WriteString(about + "\n\n")
	}
	p.head("setting", "default", "variable", "what it is", "needs a restart because")
	return next
}

func find(t *testing.T, schema node, path string) (n node, aboutSection string) {
	t.Helper()
	n = schema
	for i, key := range strings.Split(path, ".") {
		next, ok := n.Properties[key]
		if !ok {
			t.Fatalf("the schema has no %s", path)
		}
		if i == 0 {
			aboutSection = next.About
		}
		n = next
	}
	return n, aboutSection
}

func defaultText(v any) string {
	if v == nil {
		return ""
	}
	return "`" + cmp.Or(fmt.Sprint(v), `""`) + "`"
}
