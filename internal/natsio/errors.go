package natsio

import (
	"errors"
	"strings"
	"unicode"
)

var (
	errNoTLS     = errors.New("tls: the server does not offer TLS")
	errNoWebTLS  = errors.New("tls: is asked for, and ws:// has none; write wss://")
	errNoINFO    = errors.New("no NATS greeting (is this a NATS client port?)")
	errInjection = errors.New("tls: bytes behind the greeting, before the handshake")
)

// stepError says what was under way when err happened.
type stepError struct {
	step string
	err  error
}

func (e *stepError) Error() string { return e.step + ": " + e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }

// serverError is an -ERR that ended the connection.
type serverError struct{ text string }

func (e *serverError) Error() string { return "the server said: " + e.text }

// tlsError marks what went wrong in a handshake.
type tlsError struct{ err error }

func (e *tlsError) Error() string { return "tls: " + e.err.Error() }
func (e *tlsError) Unwrap() error { return e.err }

// clip makes text of a server fit for a log line.
func clip(s string) string { return clipTo(300, s) }

func clipTo(most int, s string) string {
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
