package fedtest

import (
	"bytes"
	"strings"

	"github.com/nats-io/nats.go"
)

// userInfo is where a relay asks what its login may do.
const userInfo = "$SYS.REQ.USER.INFO"

// IsOwn reports whether a subject is one on which a relay publishes of its own accord, when it
// connects: to ask what its login may do, or to find out by trying.
func IsOwn(subject string) bool {
	return subject == userInfo || strings.Contains(subject, ".fedrelay:")
}

// ownTraffic knows the messages that relays publish of their own accord, and the answers to them.
type ownTraffic struct{ inboxes map[string]bool }

// has reports whether m is one of them.
func (o *ownTraffic) has(m *nats.Msg) bool {
	if IsOwn(m.Subject) {
		if o.inboxes == nil {
			o.inboxes = make(map[string]bool)
		}
		o.inboxes[m.Reply] = true
		return true
	}
	return o.inboxes[m.Subject] || isUserInfo(m)
}

// isUserInfo reports whether m is a server's answer about a login, which may arrive before the
// question is seen. No relay writes such a message.
func isUserInfo(m *nats.Msg) bool {
	return strings.HasPrefix(m.Subject, nats.InboxPrefix) && bytes.HasPrefix(m.Data, []byte(`{"server":{`))
}
