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

// DeniedError says that the server's permissions forbid a publish or a subscription.
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

// Denied is the number of publishes the server has denied on this connection, as far as OnDenied
// has been told.
func (s *Session) Denied() uint64 {
	s.denials.mu.Lock()
	defer s.denials.mu.Unlock()
	return s.denials.publishes
}

// OnDenied sets what is told the subject of each denied publish, in the server's order, from one
// goroutine. Set it before publishing. f must not block. A publish denied for its reply subject is
// told by that reply subject.
func (s *Session) OnDenied(f func(subject string)) {
	s.denials.mu.Lock()
	defer s.denials.mu.Unlock()
	s.denials.tell = f
}

// SubscribeDenied returns the server's denial of a subscription since it was last asked, nil when
// there is none; queue may be empty. It is exact after a Flush and a Settle. When it has returned
// nil and the server takes the permission away later, the session ends: the server has silently
// dropped the subscription.
func (s *Session) SubscribeDenied(subject, queue string) error {
	d := DeniedError{Subject: subject, Queue: queue}
	s.denials.mu.Lock()
	defer s.denials.mu.Unlock()
	if s.denials.withheld[d] {
		delete(s.denials.withheld, d)
		return &d
	}
	if !slices.Contains(s.denials.granted, d) {
		s.denials.granted = append(s.denials.granted, d)
	}
	return nil
}

// Settle, called after a flush that succeeded, blocks until every denial that the server sent
// before that PONG is counted by Denied and told to OnDenied. Its errors are ctx's and the end of
// the connection.
//
// nats.go runs callbacks in order but on a goroutine of their own, so a PONG may overtake the
// denials before it. The connection below nats.go has counted these before nats.go could see the
// PONG.
func (s *Session) Settle(ctx context.Context) error {
	for {
		more := s.denials.next(s.settled)
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

// settled reports whether d has every denial that came before the last PONG. Where frames are not
// visible it relies on the last error of nats.go. d.mu is held.
func (s *Session) settled(d *denials) bool {
	if n, visible := s.wire.Denials(); visible {
		return d.seen >= n
	}
	last := s.Conn.LastError()
	return !errors.Is(last, nats.ErrPermissionViolation) || last == d.last
}

// denials are what nats.go has reported to us as permission violations.
type denials struct {
	mu        sync.Mutex
	seen      uint64 // denials of any kind
	last      error  // as nats.go made it
	publishes uint64
	tell      func(subject string)
	withheld  map[DeniedError]bool // subscriptions
	granted   []DeniedError        // subscriptions
	more      chan struct{}        // closed at the next denial; nil when nobody waits
	// probes are subjects whose denial is no news, and whether it has come. late are those of them
	// whose denial may still come, though nobody waits for it.
	probes, late map[string]bool
}

// expect has the denial of a subject counted nowhere, until forget. Nobody else may use that
// subject.
func (d *denials) expect(subject string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.probes == nil {
		d.probes = map[string]bool{}
	}
	d.probes[subject] = false
}

// forget ends what expect began. A denial that has neither come nor been ruled out by the server
// is no news later, either.
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

// met reports whether the denial of a subject has come.
func (d *denials) met(subject string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.probes[subject]
}

// expected reports whether err is a denial that was to be expected, and enters it.
func (d *denials) expected(err error) bool {
	subject := parseDenied(err.Error()).Subject
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.probes[subject]; ok {
		d.probes[subject] = true
	} else if d.late[subject] {
		delete(d.late, subject) // each is denied once
	} else {
		return false
	}
	d.note(err)
	return true
}

// note counts a denial of any kind. mu is held.
func (d *denials) note(err error) {
	d.seen++
	d.last = err
	if d.more != nil {
		close(d.more)
		d.more = nil
	}
}

// add tells and counts err. It returns the denial if that takes back a subscription that was
// granted.
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

// maxWithheld bounds the map: a session of ours makes a handful of subscriptions, a hostile server
// may deny any number.
const maxWithheld = 1000

func (d *denials) addSubscription(denied DeniedError) error {
	if d.withheld == nil {
		d.withheld = map[DeniedError]bool{}
	}
	if len(d.withheld) < maxWithheld {
		d.withheld[denied] = true
	}
	if slices.Contains(d.granted, denied) {
		return &denied
	}
	return nil
}

// next returns what is closed at the next denial; nil when done says so.
func (d *denials) next(done func(*denials) bool) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if done(d) {
		return nil
	}
	if d.more == nil {
		d.more = make(chan struct{})
	}
	return d.more
}

// parseDenied reads nats-server's texts: Permissions Violation for Publish to "s", for Publish with
// Reply of "s", for Subscription to "s", for Subscription to "s" using queue "q".
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
