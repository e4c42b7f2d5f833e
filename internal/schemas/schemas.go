// Package schemas makes JSON Schemas of the documents that fedrelay prints as JSON, from their Go
// types and comments, for tests: they write schemas/*.json anew and hold real output against them.
//
// The schemas leave room for fields that they do not know, because documents only gain fields.
package schemas

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A maker makes the schema of one document.
type maker struct {
	texts *texts
	defs  map[string]any
}

// Of returns the schema of the JSON that encoding/json makes of a value like v. module is the path
// of the folder that this module is in.
func Of(v any, title, module string) ([]byte, error) {
	m := maker{texts: &texts{module: module, known: map[string]*packageTexts{}}, defs: map[string]any{}}
	schema := m.of(reflect.TypeOf(v), false)
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = title
	if len(m.defs) > 0 {
		schema["$defs"] = m.defs
	}
	if m.texts.err != nil {
		return nil, m.texts.err
	}
	out, err := json.MarshalIndent(schema, "", "  ")
	return append(out, '\n'), err
}

var (
	textType = reflect.TypeFor[encoding.TextMarshaler]()
	jsonType = reflect.TypeFor[json.Marshaler]()
)

// of is the schema of a type. absent says that it is left out rather than null.
func (m *maker) of(t reflect.Type, absent bool) map[string]any {
	orNull := func(kind string) any {
		if absent {
			return kind
		}
		return []string{kind, "null"}
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t.Implements(textType):
		return map[string]any{"type": "string"}
	case t.Implements(jsonType):
		return map[string]any{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		if absent {
			return m.of(t.Elem(), true)
		}
		return map[string]any{"anyOf": []any{m.of(t.Elem(), true), map[string]any{"type": "null"}}}
	case reflect.Struct:
		return m.reference(t)
	case reflect.Slice, reflect.Array:
		return map[string]any{"type": orNull("array"), "items": m.of(t.Elem(), false)}
	case reflect.Map:
		return map[string]any{"type": orNull("object"), "additionalProperties": m.of(t.Elem(), false)}
	case reflect.String:
		return m.word(t)
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Interface:
		return map[string]any{}
	}
	return map[string]any{"type": "integer"}
}

// word is the schema of a text, with the words that it may be where its type has constants.
func (m *maker) word(t reflect.Type) map[string]any {
	s := map[string]any{"type": "string"}
	if words := m.texts.words(t); len(words) > 0 {
		s["enum"] = words
	}
	return s
}

// reference is that to the schema of a struct, which is made once.
func (m *maker) reference(t reflect.Type) map[string]any {
	if _, made := m.defs[t.Name()]; !made {
		m.defs[t.Name()] = nil // it may refer to itself
		s := map[string]any{"type": "object", "description": m.texts.ofType(t)}
		properties, required := map[string]any{}, []string{}
		m.fields(t, properties, &required)
		slices.Sort(required)
		s["properties"], s["required"] = properties, required
		m.defs[t.Name()] = s
	}
	return map[string]any{"$ref": "#/$defs/" + t.Name()}
}

func (m *maker) fields(t reflect.Type, properties map[string]any, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			m.fields(f.Type, properties, required)
			continue
		case !f.IsExported() || name == "-":
			continue
		case name == "":
			name = f.Name
		}
		absent := strings.Contains(options, "omit")
		s := m.of(f.Type, absent)
		if text := m.texts.ofField(t, f.Name); text != "" {
			s["description"] = text
		}
		properties[name] = s
		if !absent {
			*required = append(*required, name)
		}
	}
}
