package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/fedrelay/fedrelay/internal/record"
)

func TestOutputsFollowTheSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]*record.Run{"good": synthetic(20, 3, 1), "bad": bad(), "empty": {}} {
		for _, fault := range faults("", schema, decoded(t, run)) {
			t.Errorf("%s%s", name, fault)
		}
	}
}

func TestTheCheckOfTheSchemaFindsFaults(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(map[string]any){
		"missing":   func(o map[string]any) { delete(o, "p50_ms") },
		"unknown":   func(o map[string]any) { o["p51_ms"] = 1.0 },
		"null":      func(o map[string]any) { o["lost"] = nil },
		"text":      func(o map[string]any) { o["lost"] = "3" },
		"fraction":  func(o map[string]any) { o["lost"] = 0.5 },
		"no number": func(o map[string]any) { o["relay_ledger"].([]any)[0].(map[string]any)["copies"] = true },
		"setting":   func(o map[string]any) { o["settings"].(map[string]any)["rate"] = 5.0 },
	} {
		value := decoded(t, synthetic(5, 1, 1)).(map[string]any)
		spoil(value)
		if len(faults("", schema, value)) != 1 {
			t.Errorf("%s: %v", name, faults("", schema, value))
		}
	}
}

func decoded(t *testing.T, run *record.Run) (value any) {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, run); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// faults knows as much of JSON schema as Schema uses.
func faults(at string, schema map[string]any, value any) (found []string) {
	types, ok := schema["type"].([]any)
	if !ok {
		types = []any{schema["type"]}
	}
	if !slices.ContainsFunc(types, func(t any) bool { return isOf(t.(string), value) }) {
		return []string{fmt.Sprintf("%s: %v is not of %v", at, value, types)}
	}
	switch v := value.(type) {
	case []any:
		for i, item := range v {
			found = append(found, faults(fmt.Sprintf("%s[%d]", at, i), schema["items"].(map[string]any), item)...)
		}
	case map[string]any:
		found = append(found, objectFaults(at, schema, v)...)
	}
	return found
}

func objectFaults(at string, schema, value map[string]any) (found []string) {
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := value[name.(string)]; !ok {
			found = append(found, fmt.Sprintf("%s: no %s", at, name))
		}
	}
	for name, v := range value {
		of, ok := properties[name].(map[string]any)
		if !ok {
			of, ok = schema["additionalProperties"].(map[string]any)
		}
		if !ok {
			found = append(found, at+": unknown "+name)
			continue
		}
		found = append(found, faults(at+"."+name, of, v)...)
	}
	return found
}

func isOf(kind string, value any) bool {
	switch v := value.(type) {
	case nil:
		return kind == "null"
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string"
	case float64:
		return kind == "number" || kind == "integer" && v == float64(int64(v))
	case []any:
		return kind == "array"
	}
	return kind == "object"
}

// Programs of others read these.
func TestTheNamesThatWerePromisedExist(t *testing.T) {
	for _, run := range []*record.Run{synthetic(20, 2, 1), bad()} {
		value := decoded(t, run).(map[string]any)
		for _, name := range []string{
			"requests", "targets", "delivered", "replies", "lost", "duplicates", "misdelivered", "late", "p50_ms", "p99_ms",
			"first_reply_ms", "last_copy_ms", "relay_cpu_us_per_copy", "relay_cpu_us_per_reply", "relay_rss_mb", "generator_bound",
		} {
			if _, ok := value[name]; !ok {
				t.Errorf("no %s", name)
			}
		}
	}
}
