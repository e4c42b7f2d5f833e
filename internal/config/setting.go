package config

import (
	"reflect"
	"slices"
	"strings"
	"time"
)

// setting is one leaf of Config: its dotted YAML path, and the field that holds its value. The tags
// are those of the field, or else of the section that it is in.
type setting struct {
	path            string
	value           reflect.Value
	reload, restart string
}

// env returns the name of the variable, which follows from the path: federation.tls.ca is
// FEDRELAY_FEDERATION_TLS_CA.
func (s setting) env() string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(s.path, ".", "_"))
}

func (s setting) isList() bool { return s.value.Kind() == reflect.Slice }

// settings lists the leaves of c in the order of the struct; setting one changes c.
func settings(c *Config) []setting {
	return leaves(setting{value: reflect.ValueOf(c).Elem()})
}

// leaves lists what is in a section.
func leaves(section setting) []setting {
	var all []setting
	v := section.value
	for i := range v.NumField() {
		s, tag := section, v.Type().Field(i).Tag
		s.path, s.value = join(section.path, tag.Get("yaml")), v.Field(i)
		if reload, restart := tag.Get("reload"), tag.Get("restart"); reload != "" || restart != "" {
			s.reload, s.restart = reload, restart
		}
		if s.value.Kind() == reflect.Struct {
			all = append(all, leaves(s)...)
			continue
		}
		all = append(all, s)
	}
	return all
}

// schema says which keys may stand where in a file. It is built once per load.
type schema struct {
	leaves map[string]setting
	// children holds the keys of every section in order; the root is "".
	children map[string][]string
	paths    []string
}

func newSchema(c *Config) schema {
	s := schema{leaves: map[string]setting{}, children: map[string][]string{}}
	for _, leaf := range settings(c) {
		s.leaves[leaf.path] = leaf
		s.paths = append(s.paths, leaf.path)
		s.addToParents(leaf.path)
	}
	return s
}

func (s schema) addToParents(path string) {
	parent := parentOf(path)
	key := strings.TrimPrefix(strings.TrimPrefix(path, parent), ".")
	if siblings := s.children[parent]; len(siblings) > 0 && siblings[len(siblings)-1] == key {
		return
	}
	s.children[parent] = append(s.children[parent], key)
	if parent != "" && len(s.children[parent]) == 1 {
		s.addToParents(parent)
	}
}

// parentOf cuts the last element off a path: federation.servers[1] -> federation.servers ->
// federation -> "".
func parentOf(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}

func join(section, key string) string {
	if section == "" {
		return key
	}
	return section + "." + key
}

// want describes which values a leaf takes, for error texts.
func (s setting) want() string {
	switch s.value.Interface().(type) {
	case bool:
		return "true or false"
	case int:
		return "a whole number"
	case Lanes:
		return "auto or a whole number"
	case Publish:
		return "auto, true or false"
	case Size:
		return "a size such as 262144, 256KiB or 64MiB"
	case time.Duration:
		return "a duration such as 500ms, 30s or 5m"
	case []string:
		return "a list such as [a, b]"
	}
	return "text"
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (s setting) wantElement() string {
	if s.isList() {
		return "text"
	}
	return s.want()
}
