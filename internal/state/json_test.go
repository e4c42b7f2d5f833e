package state

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

// What a terminal would obey is written as an escape, and stays the same value.
func TestJSONHoldsNothingThatATerminalObeys(t *testing.T) {
	var all strings.Builder
	for r := rune(0); r <= 0x2100; r++ {
		all.WriteRune(r)
	}
	all.WriteString("日本 é \U000e0001 \ufeff \U0001f600 <&>")
	document := map[string]any{"list": []any{all.String()}, "key\u009b": "\u202e\x7f\x1b"}
	for name, write := range map[string]func(*strings.Builder) error{
		"lines": func(b *strings.Builder) error { return WriteJSON(b, document) },
		"line":  func(b *strings.Builder) error { return WriteLine(b, document) },
	} {
		var b strings.Builder
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		for _, r := range text {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("%s: U+%04X", name, r)
			}
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(text), &got); err != nil || got["list"].([]any)[0] != all.String() || got["key\u009b"] != document["key\u009b"] {
			t.Errorf("%s: %v, %q", name, err, text)
		}
		if !strings.Contains(text, `日本 é \udb40\udc01 \ufeff 😀 <&>`) || name == "line" && strings.Count(text, "\n") != 1 {
			t.Errorf("%s: %s", name, text)
		}
	}
}
