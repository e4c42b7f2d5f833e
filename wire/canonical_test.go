package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"testing"
)

var canonicalKeys = map[Version]map[string][]string{
	V1: {
		"":           {"protocol", "data", "headers"},
		"headers":    {"reply-to", "mc_sender", "seen-by", "federation"},
		"federation": {"req", "reply-to"},
	},
	V2: {
		"":           {"protocol", "data", "headers"},
		"headers":    {"reply", "sender", "trace", "federation"},
		"federation": {"request", "reply"},
	},
}

// mustBeCanonical walks over the tokens of a written message. Every key must stand there once,
// spelled exactly, in the canonical order and without white space around it. A federation object is
// only in requests.
func mustBeCanonical(tb testing.TB, out []byte, v Version, isRequest bool) {
	tb.Helper()
	dec := json.NewDecoder(bytes.NewReader(out))
	var walk func(level string)
	walk = func(level string) {
		token, err := dec.Token()
		if err != nil {
			tb.Fatalf("%v in %q", err, out)
		}
		switch token {
		case json.Delim('{'):
			last := -1
			for dec.More() {
				token, err := dec.Token()
				if err != nil {
					tb.Fatalf("%v in %q", err, out)
				}
				key := token.(string)
				at := slices.Index(canonicalKeys[v][level], key)
				if at <= last || key == "federation" && !isRequest {
					tb.Fatalf("key %q at level %q in %q", key, level, out)
				}
				if !bytes.HasSuffix(out[:dec.InputOffset()], []byte(`"`+key+`"`)) {
					tb.Fatalf("key %q is spelled otherwise in %q", key, out)
				}
				last = at
				walk(key)
			}
		case json.Delim('['):
			for dec.More() {
				walk("no object may be here")
			}
		default:
			return
		}
		if _, err := dec.Token(); err != nil {
			tb.Fatalf("%v in %q", err, out)
		}
	}
	walk("")
	if _, err := dec.Token(); err != io.EOF {
		tb.Fatalf("more behind the end of %q", out)
	}
}
