package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// WriteJSON writes a document over several lines. All verbs write their documents with it, or with
// WriteLine.
func WriteJSON(w io.Writer, document any) error { return writeJSON(w, document, "  ") }

// WriteLine writes a document on one line.
func WriteLine(w io.Writer, document any) error { return writeJSON(w, document, "") }

func writeJSON(w io.Writer, document any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", indent)
	e.SetEscapeHTML(false)
	if err := e.Encode(document); err != nil {
		return err
	}
	_, err := w.Write(escaped(b.Bytes()))
	return err
}

// escaped returns JSON of the same value in which nothing stands that a terminal obeys. JSON lets
// U+007F to U+009F stand, some of which begin control sequences, and marks that turn the direction
// of text. Names may hold all of them.
func escaped(text []byte) []byte {
	var b []byte
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r < unicode.MaxASCII || unicode.IsPrint(r) {
			b = append(b, text[i:i+size]...)
		} else {
			for _, unit := range utf16.AppendRune(nil, r) {
				b = fmt.Appendf(b, `\u%04x`, unit)
			}
		}
		i += size
	}
	return b
}
