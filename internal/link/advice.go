package link

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// explain explains the error that e wraps. It adds whom we logged in as, or what to do about the
// error. The text holds no secrets.
func (e *attemptError) explain() string {
	if isAuthError(e.err) {
		return explain(e.err) + socket.ClipTo(1000, e.settings.identity(e.side, e.server))
	}
	text := explain(e.err)
	if e.noWebSocket() {
		text = "login: the server does not speak WebSocket at this port"
	}
	if advice := e.advice(); advice != "" {
		text += " (" + socket.ClipTo(1000, advice) + ")"
	}
	return text
}

// explain says why s ended. If the server has ended the login, it also says whom we had logged in
// as.
func (l *Link) explain(s *Session, err error) string {
	if s.settings == nil || !isAuthError(err) {
		return explain(err)
	}
	return explain(&attemptError{l.cfg.Endpoint.Side(), s.server, s.settings, err})
}

// identity says whom we logged in as. It is the end of a sentence about a login that failed.
func (s *settings) identity(side string, sv server) string {
	var who, ended []string
	for _, c := range s.credentials {
		if c.Who != "" {
			who = append(who, c.Who)
		}
		if c.Kind != KindAuthority && c.ended(time.Now()) {
			ended = append(ended, fmt.Sprintf("; %s ended on %s, get a new one", c.What, day(c.Ends)))
		}
	}
	if u := sv.url.User; u != nil && u.Username() != "" {
		if _, full := u.Password(); full {
			who = append(who, "the user in its URL")
		} else {
			who = append(who, "the holder of the token in its URL")
		}
	}
	if len(who) == 0 {
		return fmt.Sprintf(": no credentials are set; give %s.creds, .nkey, .user with .password, .token or .choria", side)
	}
	return " as " + strings.Join(who, " with ") + strings.Join(ended, "")
}

// advice says what an operator can do about e. It is "" where there is nothing to say.
func (e *attemptError) advice() string {
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var op *net.OpError
	var step *socket.StepError
	var timeout net.Error
	switch {
	case errors.Is(e.err, socket.ErrNoTLS):
		return fmt.Sprintf("tls:// or %s.tls asks for it; for a server without TLS write nats:// and leave tls out", e.side)
	case errors.As(e.err, &verify):
		return e.aboutServerCertificate(verify)
	case errors.As(e.err, &record):
		return e.aboutRecord(record)
	case errors.As(e.err, &op) && op.Op == "remote error", errors.Is(e.err, errHungUp):
		return e.aboutOurCertificate()
	case errors.As(e.err, &step) && step.Step == socket.StepGreeting && !e.server.websocket():
		if errors.As(e.err, &timeout) && timeout.Timeout() || errors.Is(e.err, io.EOF) {
			return fmt.Sprintf("is this a NATS client port? for a WebSocket port write ws://; a server that wants TLS first waits silently, too: %s.tls.first: true", e.side)
		}
	case e.noWebSocket():
		return "for a NATS client port write nats:// or tls://"
	}
	return ""
}

// noWebSocket reports whether a server that should speak WebSocket answered with a NATS greeting.
func (e *attemptError) noWebSocket() bool {
	return e.server.websocket() && strings.Contains(e.err.Error(), "malformed HTTP")
}

// aboutRecord is the advice for a server that answered a TLS handshake with something else.
func (e *attemptError) aboutRecord(record tls.RecordHeaderError) string {
	switch {
	case e.server.websocket():
		return "for a WebSocket port without TLS write ws://"
	case bytes.HasPrefix([]byte("INFO {"), record.RecordHeader[:]):
		return fmt.Sprintf("it greets first: set %s.tls.first: false", e.side)
	}
	return fmt.Sprintf("is it a NATS client port, and is %s.tls.first right?", e.side)
}

// aboutOurCertificate is the advice for a server that ended a handshake, or hung up after it.
func (e *attemptError) aboutOurCertificate() string {
	for _, c := range e.settings.credentials {
		if c.Kind == KindCertificate && c.ended(time.Now()) {
			return fmt.Sprintf("%s ended on %s, get a new one", c.What, day(c.Ends))
		}
		if c.Kind == KindCertificate {
			return fmt.Sprintf("ours is %s, issued by %s; does the server trust that authority for clients?", c.What, c.issuer)
		}
	}
	return fmt.Sprintf("we have no certificate; if it wants one, set %[1]s.tls.cert and %[1]s.tls.key", e.side)
}

// aboutServerCertificate is the advice for a server whose certificate does not verify.
func (e *attemptError) aboutServerCertificate(v *tls.CertificateVerificationError) string {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(v, &invalid) && invalid.Reason == x509.Expired:
		return "it is the server's; renew it there, or is the clock of this host wrong?"
	case errors.As(v, &name):
		return fmt.Sprintf("connect to a name that it bears, or set %s.tls.server_name to one", e.side)
	case errors.As(v, &unknown):
		return e.aboutAuthority(v.UnverifiedCertificates)
	}
	return ""
}

// aboutAuthority is the advice for a server whose authority we do not trust. chain holds the
// certificates that the server sent, its own first.
func (e *attemptError) aboutAuthority(chain []*x509.Certificate) string {
	key := e.side + ".tls.ca"
	if len(e.settings.authorities) == 0 && e.settings.security.Config.RootCAs == nil {
		none := ""
		if roots, err := x509.SystemCertPool(); err != nil || roots.Equal(x509.NewCertPool()) {
			none = ", of which there are none here"
		}
		return key + " is not set, so only the system's roots are trusted" + none + "; set it to the file of that authority"
	}
	text := "it is not in " + e.authorityFile()
	if len(chain) == 1 && !bytes.Equal(chain[0].RawIssuer, chain[0].RawSubject) {
		return text + "; the server sent its own certificate alone: if an intermediate issued it, have the server send that, too, else give the file of that authority"
	}
	return text + "; give the file of the authority that issued the server's certificate"
}

// authorityFile names the file of the authorities that we trust. If they are few it names each of
// them, too.
func (e *attemptError) authorityFile() string {
	if e.settings.authorityFile == "" {
		return "the CA of the nats context"
	}
	var names []string
	for _, a := range e.settings.authorities {
		names = append(names, subjectOf(a))
	}
	file := e.side + ".tls.ca " + e.settings.authorityFile
	if len(names) > 3 {
		return fmt.Sprintf("%s, which holds %d others", file, len(names))
	}
	return file + ", which holds " + strings.Join(names, ", ")
}
