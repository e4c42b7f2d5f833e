package fleet

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// shape writes a document as its keys in order and the types of its values, looking into the
// documents nested in it as text or base64. What agents put into data is left out, and so are the
// keys that only a signed v2 reply has.
func shape(t *testing.T, raw string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(raw))
	token, err := d.Token()
	if err != nil || token != json.Delim('{') {
		return fmt.Sprintf("%T", token)
	}
	var parts []string
	for d.More() {
		key, value := member(t, d)
		switch {
		case key == "data":
			parts = append(parts, key)
		case strings.Contains(raw, "secure_reply") && (key == "signature" || key == "sender"):
		default:
			parts = append(parts, key+" "+inside(t, value))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func member(t *testing.T, d *json.Decoder) (string, json.RawMessage) {
	t.Helper()
	key, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	var value json.RawMessage
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return key.(string), value
}

// inside is the shape of a value: of the document in it if it is text that holds one.
func inside(t *testing.T, value json.RawMessage) string {
	t.Helper()
	var s string
	if json.Unmarshal(value, &s) != nil {
		return shape(t, string(value))
	}
	if strings.HasPrefix(s, "{") {
		return shape(t, s)
	}
	if doc, err := b64.DecodeString(s); err == nil && strings.HasPrefix(string(doc), "{") {
		return "b64 " + shape(t, string(doc))
	}
	return "string"
}
