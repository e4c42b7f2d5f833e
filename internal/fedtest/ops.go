package fedtest

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// An Op is one operation of the NATS client protocol.
type Op struct {
	Verb    string
	Args    []string
	Payload []byte // of a PUB
}

// parseOps reads the protocol as strictly as it can be read.
func parseOps(b []byte) (ops []Op, err error) {
	for len(b) > 0 {
		line, rest, ok := bytes.Cut(b, []byte("\r\n"))
		if !ok {
			return ops, fmt.Errorf("no end of line: %q", clip(b))
		}
		verb, args, _ := strings.Cut(string(line), " ")
		op := Op{Verb: verb}
		if args != "" {
			op.Args = strings.Split(args, " ")
		}
		if verb == "PUB" || verb == "HPUB" {
			if op.Payload, rest, err = payloadOf(op, rest); err != nil {
				return ops, err
			}
		}
		ops, b = append(ops, op), rest
	}
	return ops, nil
}

func payloadOf(op Op, rest []byte) (payload, after []byte, err error) {
	if len(op.Args) == 0 {
		return nil, nil, fmt.Errorf("%s without a size", op.Verb)
	}
	size, err := strconv.Atoi(op.Args[len(op.Args)-1])
	if err != nil || size < 0 || len(rest) < size+2 || string(rest[size:size+2]) != "\r\n" {
		return nil, nil, fmt.Errorf("%s %q: %w", op.Verb, op.Args, io.ErrUnexpectedEOF)
	}
	return rest[:size], rest[size+2:], nil
}

func clip(b []byte) []byte { return b[:min(len(b), 200)] }
