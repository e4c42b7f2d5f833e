package link

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
)

// DeniedError is the server's refusal of a publish or a subscription.
type DeniedError struct {
	Publish        bool
	Subject, Queue string
}

func (e *DeniedError) Error() string {
	what := "subscribing to " + strconv.Quote(e.Subject)
	switch {
	case e.Publish:
		what = "publishing to " + strconv.Quote(e.Subject)
	case e.Queue != "":
		what += " with queue group " + strconv.Quote(e.Queue)
	}
	return what + " is denied by the server (permissions violation)"
}

// Unwrap makes it the error that nats.go has for this.
func (e *DeniedError) Unwrap() error { return nats.ErrPermissionViolation }

// Denied is the number of publishes the server has refused on this connection, as far as OnDenied has been told.
func (s *Session) Denied() uint64 {
	s.denials.mu.Lock()
	defer s.denials.mu.Unlock()
	return s.denials.publishes
}

// OnDenied sets what is told the subject of each refused publish, in the server's order, from one goroutine. Set it before
// publishing. f must not block. A publish refused for its reply subject is told by that reply subject.
func (s *Session) OnDenied(f func(subject string)) {
	s.denials.mu.Lock()
	defer s.denials.mu.Unlock()
	s.denials.tell = f
}

// SubscribeDenied returns the server's refusal of a subscription since it was last asked, nil when there is none; queue may
// be empty. It is exact after a Flush and a Settle. When it has returned nil and the server takes the permission away later,
// the session ends: the server has silently dropped the subscription.
func (s *Session) SubscribeDenied(subject, queue string) error {
	d := DeniedError{Subject: subject, Queue: queue}
	s.denials.mu.Lock()
	defer s.denials.mu.Unlock()
	if s.denials.refused[d] {
		delete(s.denials.refused, d)
		return &d
	}
	if !slices.Contains(s.denials.granted, d) {
		s.denials.granted = append(s.denials.granted, d)
	}
	return nil
}

// Settle, called after a flush that succeeded, blocks until every refusal that the server sent before that PONG is counted by
// Denied and told to OnDenied. Its errors are ctx's and the end of the connection.
//
// nats.go runs callbacks in order but on a goroutine of their own, so a PONG may overtake the refusals before it. The
// connection below nats.go has counted these before nats.go could see the PONG.
func (s *Session) Settle(ctx context.Context) error {
	for {
		more := s.denials.wait(s.settled)
		if more == nil {
			return nil
		}
		select {
		case <-more:
		case <-s.done:
			return nats.ErrConnectionClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// settled reports whether d has every refusal that came before the last PONG. d.mu is held.
func (s *Session) settled(d *denials) bool {
	if n, visible := s.wire.Refusals(); visible {
		return d.seen >= n
	}
	last := s.Conn.LastError()
	return !errors.Is(last, nats.ErrPermissionViolation) || last == d.last
}

// denials are the refusals that nats.go has reported to us.
type denials struct {
	mu        sync.Mutex
	seen      uint64 // refusals of any kind
	last      error  // as nats.go made it
	publishes uint64
	tell      func(subject string)
	refused   map[DeniedError]bool // subscriptions
	granted   []DeniedError        // subscriptions
	more      chan struct{}        // closed at the next refusal; nil when nobody waits
	probes    map[string]bool      // subjects whose refusal is no news, and whether it has come
	late      map[string]bool      // those of them whose refusal may still come, though nobody waits for it
}

// expect has the refusal of a subject counted nowhere, until forget. Nobody else may use that subject.
func (d *denials) expect(subject string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.probes == nil {
		d.probes = map[string]bool{}
	}
	d.probes[subject] = false
}

// forget ends what expect began. A refusal that has neither come nor been ruled out by the server is no news later, either.
func (d *denials) forget(subject string, answered bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	met := d.probes[subject]
	delete(d.probes, subject)
	if answered || met {
		return
	}
	if d.late == nil {
		d.late = map[string]bool{}
	}
	d.late[subject] = true
}

// met reports whether the refusal of a subject has come.
func (d *denials) met(subject string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.probes[subject]
}

// expected reports whether err is a refusal that was to be expected, and enters it.
func (d *denials) expected(err error) bool {
	subject := parseDenied(err.Error()).Subject
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.probes[subject]; ok {
		d.probes[subject] = true
	} else if d.late[subject] {
		delete(d.late, subject) // each is refused once
	} else {
		return false
	}
	d.note(err)
	return true
}

// note counts a refusal of any kind. mu is held.
func (d *denials) note(err error) {
	d.seen++
	d.last = err
	if d.more != nil {
		close(d.more)
		d.more = nil
	}
}

// add tells and counts err. It returns the refusal if that takes back a subscription that was granted.
func (d *denials) add(err error) error {
	denied := parseDenied(err.Error())
	if tell := d.listener(); denied.Publish && tell != nil {
		tell(denied.Subject)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.note(err)
	if denied.Publish {
		d.publishes++
		return nil
	}
	return d.addSubscription(denied)
}

func (d *denials) listener() func(string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tell
}

// maxRefused bounds the map: a session of ours makes a handful of subscriptions, a hostile server may refuse any number.
const maxRefused = 1000

func (d *denials) addSubscription(denied DeniedError) error {
	if d.refused == nil {
		d.refused = map[DeniedError]bool{}
	}
	if len(d.refused) < maxRefused {
		d.refused[denied] = true
	}
	if slices.Contains(d.granted, denied) {
		return &denied
	}
	return nil
}

// wait returns nil when ok says so, else what is closed at the next refusal.
func (d *denials) wait(ok func(*denials) bool) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ok(d) {
		return nil
	}
	if d.more == nil {
		d.more = make(chan struct{})
	}
	return d.more
}

// parseDenied reads nats-server's texts: Permissions Violation for Publish to "s", for Publish with Reply of "s",
// for Subscription to "s", for Subscription to "s" using queue "q".
func parseDenied(text string) DeniedError {
	_, rest, sub := strings.Cut(text, "for Subscription to ")
	if !sub {
		_, rest, _ = strings.Cut(text, `"`)
		subject, _ := unquoteFirst(`"` + rest)
		return DeniedError{Publish: true, Subject: subject}
	}
	subject, rest := unquoteFirst(rest)
	rest, queued := strings.CutPrefix(rest, " using queue ")
	if !queued {
		return DeniedError{Subject: subject}
	}
	queue, _ := unquoteFirst(rest)
	return DeniedError{Subject: subject, Queue: queue}
}

func unquoteFirst(s string) (text, rest string) {
	q, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", s
	}
	text, _ = strconv.Unquote(q)
	return text, s[len(q):]
}
