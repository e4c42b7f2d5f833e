package recent

import (
	"bytes"

	"github.com/fedrelay/fedrelay/wire"
)

// ListOf returns the text of the targets of a message as it is written there, as Message.Names
// wants it. targets are places in message, in order, each between quotes. The result aliases
// message.
func ListOf(message []byte, targets []wire.Span) []byte {
	for len(targets) > 0 && !quoted(message, targets[0]) {
		targets = targets[1:]
	}
	for len(targets) > 0 && !quoted(message, targets[len(targets)-1]) {
		targets = targets[:len(targets)-1]
	}
	if len(targets) == 0 {
		return nil
	}
	last := targets[len(targets)-1]
	return message[targets[0].Off-1 : last.Off+last.Len+1]
}

// quoted reports whether a target stands between quotes. A null does not.
func quoted(message []byte, s wire.Span) bool {
	return s.Off > 0 && int(s.Off+s.Len) < len(message) && message[s.Off-1] == '"' && message[s.Off+s.Len] == '"'
}

// AppendNames appends targets that have no escapes any more, as Message.Names wants them.
func AppendNames(dst, message []byte, targets []wire.Span) []byte {
	for _, t := range targets {
		dst = append(wire.AppendString(dst, string(t.Of(message))), ',')
	}
	return dst
}

// namesIn returns the strings in a text that has been a Message.Names.
func namesIn(text []byte) (names []string) {
	for {
		from := bytes.IndexByte(text, '"')
		if from < 0 {
			return names
		}
		text = text[from+1:]
		n, escaped := endOfString(text)
		if n < 0 {
			return names
		}
		name := text[:n]
		if escaped {
			name = wire.AppendResolved(nil, name)
		}
		if len(name) > 0 {
			names = append(names, string(name))
		}
		text = text[n+1:]
	}
}

// endOfString returns where the quote is that ends a string, or -1.
func endOfString(text []byte) (n int, escaped bool) {
	for n < len(text) {
		switch text[n] {
		case '"':
			return n, escaped
		case '\\':
			escaped = true
			n++
		}
		n++
	}
	return -1, escaped
}
