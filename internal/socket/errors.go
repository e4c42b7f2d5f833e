package socket

import (
	"errors"
	"strings"
	"unicode"
)

// Errors of Greet.
var (
	ErrNoTLS     = errors.New("tls: the server does not offer TLS")
	ErrNoWebTLS  = errors.New("tls: is required, and ws:// has none; write wss://")
	ErrInjection = errors.New("tls: bytes behind the greeting, before the handshake")
	errNoINFO    = errors.New("no NATS greeting (is this a NATS client port?)")
)

// A StepError says which step of a connection was under way when Err happened.
type StepError struct {
	Step string
	Err  error
}

// StepGreeting is the Step of the error for a server that does not greet.
const StepGreeting = "waiting for the greeting"

func (e *StepError) Error() string { return e.Step + ": " + e.Err.Error() }
func (e *StepError) Unwrap() error { return e.Err }

// A ServerError is an -ERR that ended the connection.
type ServerError struct{ Text string }

func (e *ServerError) Error() string { return "the server said: " + e.Text }

// A TLSError is the failure of a TLS handshake.
type TLSError struct{ Err error }

func (e *TLSError) Error() string { return "tls: " + e.Err.Error() }
func (e *TLSError) Unwrap() error { return e.Err }

// Clip makes the text of a server fit for a log line: at most 300 bytes, no control characters.
func Clip(s string) string { return ClipTo(300, s) }

// ClipTo is Clip with another limit, in bytes. A text that is cut ends with an ellipsis on top.
func ClipTo(most int, s string) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, s)
}
