package report

import (
	"encoding/json"
	"io"
	"reflect"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// JSON writes the summary of a run as one indented object, which Schema describes.
func JSON(w io.Writer, run *record.Run) error { return WriteJSON(w, Summarize(run)) }

// WriteJSON writes a summary that is already made.
func WriteJSON(w io.Writer, s Summary) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(s)
}

// Schema returns the JSON schema (draft 2020-12) of what JSON writes.
func Schema() []byte {
	schema := schemaOf(reflect.TypeFor[Summary]())
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "fedrelay load run"
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic("report: BUG: " + err.Error())
	}
	return append(text, '\n')
}

type object = map[string]any

func schemaOf(t reflect.Type) object {
	if t == reflect.TypeFor[time.Time]() {
		return object{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		schema := schemaOf(t.Elem())
		schema["type"] = []any{schema["type"], "null"}
		return schema
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Struct:
		return structSchema(t)
	}
	return object{"type": plainTypes[t.Kind()]}
}

var plainTypes = map[reflect.Kind]string{
	reflect.Bool: "boolean", reflect.Int64: "integer", reflect.Float64: "number", reflect.String: "string",
}

func structSchema(t reflect.Type) object {
	properties, required := object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		schema := schemaOf(f.Type)
		schema["description"] = f.Tag.Get("doc")
		properties[f.Tag.Get("json")] = schema
		required = append(required, f.Tag.Get("json"))
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
