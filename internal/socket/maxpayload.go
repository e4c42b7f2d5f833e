package socket

import (
	"fmt"
	"regexp"
)

const (
	// maxMaxPayload is the most that a nats-server which has a limit can be configured to accept.
	maxMaxPayload = 64 << 20
	// defaultMaxPayload is a nats-server's where nothing is configured.
	defaultMaxPayload = 1 << 20
)

// acceptedPayload is what an announced max_payload means, in bytes: -1 is no limit, and who announces none has the default.
func AcceptedPayload(announced int64) int64 {
	switch {
	case announced < 0:
		return maxMaxPayload
	case announced == 0:
		return defaultMaxPayload
	}
	return min(announced, maxMaxPayload)
}

var noLimit = regexp.MustCompile(`"max_payload"\s*:\s*-1\b`)

// withLimit is an INFO line for nats.go, which reads "no limit" as a limit that nothing keeps.
func withLimit(line []byte) []byte {
	return noLimit.ReplaceAll(line, fmt.Appendf(nil, `"max_payload":%d`, maxMaxPayload))
}
