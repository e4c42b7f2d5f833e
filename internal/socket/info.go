package socket

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"regexp"
)

// readGreeting returns the first line that the server sends, and all bytes that came with it.
func readGreeting(conn net.Conn) ([]byte, error) {
	line := make([]byte, 0, 4096)
	for {
		if len(line) == cap(line) {
			line = append(line, 0)[:len(line)]
		}
		n, err := conn.Read(line[len(line):cap(line)])
		line = line[:len(line)+n]
		if bytes.IndexByte(line, '\n') >= 0 {
			return line, nil
		}
		if err != nil {
			return nil, &StepError{StepGreeting, err}
		}
		if len(line) > maxLine {
			return nil, errLongLine
		}
	}
}

// greeting holds the fields of INFO that we need before nats.go reads it.
type greeting struct {
	TLSRequired  bool `json:"tls_required"`
	TLSAvailable bool `json:"tls_available"`
	// ConnectURLs are the host:port of the servers of the cluster, as the server names them.
	ConnectURLs []string `json:"connect_urls"`
}

func parseGreeting(line []byte) (greeting, error) {
	line, _, _ = bytes.Cut(line, []byte("\n"))
	var g greeting
	switch {
	case bytes.HasPrefix(line, []byte("-ERR")):
		said := &ServerError{Clip(errText(bytes.TrimRight(line, "\r")))}
		return g, &StepError{"no NATS greeting", said}
	case len(line) < 5 || !bytes.EqualFold(line[:4], []byte("INFO")):
		return g, errNoINFO
	}
	if err := json.Unmarshal(line[5:], &g); err != nil {
		return g, fmt.Errorf("broken greeting: %w", err)
	}
	return g, nil
}

// serverInfo holds what the latest INFO said.
type serverInfo struct {
	MaxPayload int64 `json:"max_payload"`
	// Account is the account of the login. Only newer servers send it, and only in the INFO that
	// answers CONNECT. A later INFO without it does not take it back.
	Account string `json:"remote_account"`
}

// learn stores what an INFO line says. A line that is not valid JSON is left to nats.go.
func (i *input) learn(line []byte) {
	var info serverInfo
	if json.Unmarshal(bytes.TrimLeft(line, "INFOinfo"), &info) != nil {
		return
	}
	info.MaxPayload = AcceptedPayload(info.MaxPayload)
	if before := i.info.Load(); before != nil && info.Account == "" {
		info.Account = before.Account
	}
	i.info.Store(&info)
}

// AcceptedPayload returns the largest payload, in bytes, that a server accepts which announces the
// given max_payload. A negative one means no limit, 0 that none was announced: then the server has
// the default limit.
func AcceptedPayload(announced int64) int64 {
	switch {
	case announced < 0:
		return largestLimit
	case announced == 0:
		return defaultLimit
	}
	return min(announced, largestLimit)
}

var noLimit = regexp.MustCompile(`"max_payload"\s*:\s*-1\b`)

// withLimit returns a copy of an INFO line for nats.go. It replaces max_payload -1, "no limit",
// which nats.go takes for a limit that every message exceeds.
func withLimit(line []byte) []byte {
	return noLimit.ReplaceAll(line, fmt.Appendf(nil, `"max_payload":%d`, largestLimit))
}
