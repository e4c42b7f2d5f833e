package socket

import (
	"errors"
	"strings"
	"unicode"
)

var (
	ErrNoTLS     = errors.New("tls: the server does not offer TLS")
	ErrNoWebTLS  = errors.New("tls: is asked for, and ws:// has none; write wss://")
	errNoINFO    = errors.New("no NATS greeting (is this a NATS client port?)")
	ErrInjection = errors.New("tls: bytes behind the greeting, before the handshake")
)

// stepError says what was under way when err happened.
type StepError struct {
	Step string
	Err  error
}

func (e *StepError) Error() string { return e.Step + ": " + e.Err.Error() }
func (e *StepError) Unwrap() error { return e.Err }

// serverError is an -ERR that ended the connection.
type ServerError struct{ Text string }

func (e *ServerError) Error() string { return "the server said: " + e.Text }

// tlsError marks what went wrong in a handshake.
type TLSError struct{ Err error }

func (e *TLSError) Error() string { return "tls: " + e.Err.Error() }
func (e *TLSError) Unwrap() error { return e.Err }

// clip makes text of a server fit for a log line.
func Clip(s string) string { return ClipTo(300, s) }

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
