package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// explain says what went wrong in an operator's words. The text is the same for the same fault, so
// that a repetition can be recognised: it holds no port numbers of ours and no times of day.
func explain(err error) string {
	var assumed *assumedError
	if errors.As(err, &assumed) {
		return socket.Clip(explain(assumed.err) + " (a guess: " + assumed.why + ")")
	}
	var attempt *attemptError
	if errors.As(err, &attempt) && attempt != nil {
		return attempt.explain()
	}
	if text := explainTLS(err); text != "" {
		return "tls: " + socket.Clip(text)
	}
	var dns *net.DNSError
	var step *socket.StepError
	var errno syscall.Errno
	var timeout net.Error
	var nonce *nonceError
	var mistakes findings
	switch {
	case errors.As(err, &nonce):
		return nonce.Error()
	case errors.As(err, &mistakes):
		return mistakes.explain()
	case isAuthError(err):
		return socket.Clip(authText(err))
	case errors.As(err, &dns):
		return socket.Clip(explainDNS(dns))
	case errors.As(err, &step):
		return step.Step + ": " + explain(step.Err)
	case errors.As(err, &errno) && !isPathError(err):
		return errno.Error()
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server closed the connection"
	}
	return socket.Clip(strings.TrimPrefix(err.Error(), "nats: "))
}

// explainTLS is explain for errors about TLS. It returns "" for other errors.
func explainTLS(err error) string {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	var op *net.OpError
	var handshake *socket.TLSError
	switch {
	case errors.As(err, &invalid):
		return explainInvalid(invalid)
	case errors.As(err, &unknown):
		return explainUnknown(unknown)
	case errors.As(err, &name):
		return strings.TrimPrefix(name.Error(), "x509: ")
	case errors.As(err, &record):
		return "the server does not speak TLS at this point"
	case errors.As(err, &op) && op.Op == "remote error":
		return "the server refused us: " + strings.TrimPrefix(op.Err.Error(), "tls: ")
	case errors.As(err, &handshake):
		return "handshake: " + strings.TrimPrefix(explain(handshake.Err), "tls: ")
	}
	return ""
}

func explainInvalid(e x509.CertificateInvalidError) string {
	if e.Reason != x509.Expired || e.Cert == nil {
		return strings.TrimPrefix(e.Error(), "x509: ")
	}
	if time.Now().Before(e.Cert.NotBefore) {
		return "certificate not valid before " + e.Cert.NotBefore.Format(time.DateOnly)
	}
	return "certificate expired " + e.Cert.NotAfter.Format(time.DateOnly)
}

func explainUnknown(e x509.UnknownAuthorityError) string {
	text := "certificate signed by unknown authority"
	if e.Cert != nil && e.Cert.Issuer.CommonName != "" {
		text += " " + e.Cert.Issuer.CommonName
	}
	return text
}

func explainDNS(e *net.DNSError) string {
	switch {
	case e.IsNotFound:
		return "dns: no such name " + e.Name
	case e.IsTimeout:
		return "dns: timeout for " + e.Name
	}
	return "dns: server failure for " + e.Name
}

// authText returns what the server, or nats.go, says about a login that failed, without prefixes.
func authText(err error) string {
	var said *socket.ServerError
	if errors.As(err, &said) {
		return strings.ToLower(said.Text)
	}
	var step *socket.StepError
	if errors.As(err, &step) {
		err = step.Err
	}
	return strings.ToLower(strings.TrimPrefix(err.Error(), "nats: "))
}

func isPathError(err error) bool {
	var path *os.PathError
	return errors.As(err, &path)
}

func isTLSError(err error) bool {
	return explainTLS(err) != "" ||
		errors.Is(err, socket.ErrNoTLS) || errors.Is(err, socket.ErrNoWebTLS) ||
		errors.Is(err, socket.ErrInjection) || errors.Is(err, errHungUp)
}

// endEvent returns the event to count for an error that ended a live connection. It is "" if the
// connection was just lost.
func endEvent(err error) string {
	var said *socket.ServerError
	isSaid := errors.As(err, &said)
	switch {
	case isAuthError(err):
		return EventAuthError
	case errors.Is(err, nats.ErrStaleConnection), isSaid && strings.EqualFold(said.Text, nats.STALE_CONNECTION):
		return EventStale
	case isSaid:
		return EventClosedByServer
	}
	return ""
}
