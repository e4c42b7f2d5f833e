package service

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/state"
)

// mostRead is how large an answer may be once it is decompressed, in bytes.
const mostRead = 64 << 20

// read returns the document in an answer, and its size once it is decompressed, which must not be
// more than most. The error is for an operator. Anybody may answer, so it repeats little, and that
// printable.
func read[T any](m *nats.Msg, most int) (document T, size int, err error) {
	schema, err := strconv.Atoi(m.Header.Get(headerSchema))
	switch text := m.Header.Get(headerError); {
	case err != nil || schema < 1:
		return document, 0, fmt.Errorf("somebody who is no fedrelay answers questions: %q", printable(string(m.Data)))
	case text != "":
		return document, 0, fmt.Errorf("an instance does not answer: %s", printable(text))
	case schema > state.Schema:
		return document, 0, fmt.Errorf("an instance is newer than this program, which reads its documents up to number %d, and not %d: update it",
			state.Schema, schema)
	}
	data, err := decompress(m, most)
	if err == nil {
		err = json.Unmarshal(data, &document)
	}
	if err != nil {
		return document, len(data), fmt.Errorf("an answer cannot be read: %s", printable(err.Error()))
	}
	return document, len(data), nil
}

func decompress(m *nats.Msg, most int) ([]byte, error) {
	tooLarge := fmt.Errorf("it has more than %d bytes", most)
	if m.Header.Get(headerEncoding) != "gzip" {
		if len(m.Data) > most {
			return nil, tooLarge
		}
		return m.Data, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(m.Data))
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if len(data) > most {
		return data, tooLarge
	}
	return data, err
}
