package link

import (
	"errors"
	"time"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// repeatAfter is the time between two log lines about an outage that does not change.
const repeatAfter = 30 * time.Second

// An outage is a series of failures to connect. The zero value means that there is none. While a
// session is held it is a series of failures to get another one, and nothing is out.
type outage struct {
	since  time.Time
	key    string    // of the failure that was logged last
	logged time.Time // when that was
}

// note enters a failure and reports whether to log it. It does if the failure is of a new kind, or
// if the last line is old.
func (o *outage) note(key string, now time.Time) bool {
	if o.since.IsZero() {
		o.since = now
	}
	if key == o.key && now.Sub(o.logged) < repeatAfter {
		return false
	}
	o.key, o.logged = key, now
	return true
}

// lasting says how long the outage has lasted, for example " for 12s". It is "" in the first
// second.
func (o *outage) lasting(now time.Time) string {
	if d := now.Sub(o.since); !o.since.IsZero() && d >= time.Second {
		return " for " + d.Truncate(time.Second).String()
	}
	return ""
}

// An openFailure is why open or reconnect has failed: a connectError or an attachError.
type openFailure interface {
	error
	text(lasting string) string
	key() string
}

// reportFailure counts a failure of open or reconnect, keeps it for Status and, now and then, logs
// it. next is the end of the log line: what the link does now.
func (l *Link) reportFailure(err error, next string) {
	now := time.Now()
	l.noteError(err.Error())
	l.event(EventConnectFailed)
	l.countCauses(err)
	var f openFailure
	if !errors.As(err, &f) || !l.outage.note(f.key(), now) {
		return
	}
	l.warn(f.text(l.outage.lasting(now)) + "; " + next)
}

// countCauses counts each kind of cause once per round.
func (l *Link) countCauses(err error) {
	var all connectError
	if !errors.As(err, &all) {
		all = connectError{{err: err}}
	}
	var auth, tls, forged bool
	for _, f := range all {
		var nonce *nonceError
		auth = auth || isAuthError(f.err)
		tls = tls || isTLSError(f.err)
		forged = forged || errors.As(f.err, &nonce)
	}
	if forged {
		l.event(EventForgedNonce)
	}
	if auth {
		l.event(EventAuthError)
	}
	if tls {
		l.event(EventTLSError)
	}
}

// reportConnected counts and logs that s is attached, and ends the outage. how is the beginning of
// the log line, before the address: "moved to". after follows the address.
func (l *Link) reportConnected(s *Session, how, after string) {
	l.event(EventConnected)
	args := []any{
		"epoch", s.Epoch,
		"server_name", socket.Clip(s.Conn.ConnectedServerName()),
		"server_id", socket.Clip(s.Conn.ConnectedServerId()),
		"max_payload", s.MaxPayload(),
	}
	if c := socket.Clip(s.Conn.ConnectedClusterName()); c != "" {
		args = append(args, "cluster", c)
	}
	_, tls := s.TLS()
	l.info(how+" "+s.server.address()+after, append(args, "tls", tls)...)
	l.outage = outage{}
}

// afterOutage returns " after an outage of 12s", for example, or "" without an outage.
func afterOutage(lasting string) string {
	if lasting == "" {
		return ""
	}
	return " after an outage of" + lasting[len(" for"):]
}
