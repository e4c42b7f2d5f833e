package link

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/lock"
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

// Denied returns how many publishes the server has denied on this connection. It counts a denial
// after the function of OnDenied has returned.
func (s *Session) Denied() uint64 {
	s.denials.mu.Lock()
	defer s.denials.mu.Unlock()
	return s.denials.publishes
}

// OnDenied sets the function that is called with the subject of each denied publish. f is called in
// the server's order, from one goroutine, and must not block. Set it before anything is published.
// If a publish is denied for its reply subject, f gets that reply subject.
func (s *Session) OnDenied(f func(subject string)) {
	s.denials.mu.Lock()
	defer s.denials.mu.Unlock()
	s.denials.onDenied = f
}

// SubscribeDenied returns the denial of a subscription that has come since the last call, or nil.
// The error is a *DeniedError. queue may be empty. The answer is exact after a RoundTrip and a
// Settle.
//
// After nil the subscription counts as granted. If the server takes the permission away later, it
// drops the subscription and sends a denial. Nobody waits for that denial any more, so the session
// ends.
func (s *Session) SubscribeDenied(subject, queue string) error {
	d := DeniedError{Subject: subject, Queue: queue}
	s.denials.mu.Lock()
	defer s.denials.mu.Unlock()
	if s.denials.deniedSubs[d] {
		delete(s.denials.deniedSubs, d)
		return &d
	}
	if !slices.Contains(s.denials.grantedSubs, d) {
		s.denials.grantedSubs = append(s.denials.grantedSubs, d)
	}
	return nil
}

// Settle is called after a round trip that succeeded. It blocks until every denial that the server
// sent before that PONG is counted by Denied and reported to the function of OnDenied. It fails
// with ctx's error, or with nats.ErrConnectionClosed.
//
// nats.go runs callbacks in order but on a goroutine of their own, so a PONG may overtake the
// denials before it. The connection below nats.go counts denials before anybody can see the PONG,
// and Settle waits until nats.go has told us as many.
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

// Settled reports whether Settle would return at once, without an error.
func (s *Session) Settled() bool {
	s.denials.mu.Lock()
	defer s.denials.mu.Unlock()
	return s.settled(&s.denials)
}

// settled reports whether d has every denial that came before the last PONG. Where frames are not
// visible it compares with the last error that nats.go keeps. d.mu is held.
func (s *Session) settled(d *denials) bool {
	if n, visible := s.wire.Denials(); visible {
		return d.seen >= n
	}
	last := s.Conn.LastError()
	return !errors.Is(last, nats.ErrPermissionViolation) || last == d.last
}

// denials are the permission violations that nats.go has reported to us.
type denials struct {
	// Guarded by mu.
	mu          lock.Mutex[denials]
	onDenied    func(subject string)
	seen        uint64               // denials of any kind
	last        error                // the latest denial, as nats.go made it
	publishes   uint64               // denials of a publish that was no probe
	deniedSubs  map[DeniedError]bool // denied since SubscribeDenied was last asked
	grantedSubs []DeniedError        // not denied when SubscribeDenied was asked
	changed     chan struct{}        // closed at the next denial; nil when nobody waits
	// probes are subjects whose denial is expected; the value says whether it has come. overdue are
	// former probes whose denial may still come, though nobody waits for it any more.
	probes, overdue map[string]bool
}

// expect makes subject a probe until forget is called: its denial is not counted as one of a
// publish or a subscription. Nobody else may use that subject.
func (d *denials) expect(subject string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.probes == nil {
		d.probes = map[string]bool{}
	}
	d.probes[subject] = false
}

// forget ends what expect began. answered says that the server has ruled out that a denial still
// comes. Otherwise it may still come, and will not be counted then, either.
func (d *denials) forget(subject string, answered bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	met := d.probes[subject]
	delete(d.probes, subject)
	if answered || met {
		return
	}
	if d.overdue == nil {
		d.overdue = map[string]bool{}
	}
	d.overdue[subject] = true
}

// met reports whether the denial of a subject has come.
func (d *denials) met(subject string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.probes[subject]
}

// expected reports whether err is the denial of a probe, and notes it if so.
func (d *denials) expected(err error) bool {
	subject := parseDenied(err.Error()).Subject
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.probes[subject]; ok {
		d.probes[subject] = true
	} else if d.overdue[subject] {
		delete(d.overdue, subject) // each probe is denied once
	} else {
		return false
	}
	d.note(err)
	return true
}

// note notes a denial of any kind, and wakes those who wait in Settle. mu is held.
func (d *denials) note(err error) {
	d.seen++
	d.last = err
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// add calls the function of OnDenied for a denied publish, then counts the denial. It returns the
// denial if the server has taken back a subscription that was granted.
func (d *denials) add(err error) error {
	denied := parseDenied(err.Error())
	if f := d.callback(); denied.Publish && f != nil {
		f(denied.Subject)
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

// callback returns the function of OnDenied, which must be called without mu.
func (d *denials) callback() func(string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.onDenied
}

// maxDeniedSubs bounds the size of deniedSubs. A session of ours makes a handful of subscriptions,
// but a hostile server may deny any number.
const maxDeniedSubs = 1000

// addSubscription enters a denied subscription, and returns denied if it was granted before. mu is
// held.
func (d *denials) addSubscription(denied DeniedError) error {
	if d.deniedSubs == nil {
		d.deniedSubs = map[DeniedError]bool{}
	}
	if len(d.deniedSubs) < maxDeniedSubs {
		d.deniedSubs[denied] = true
	}
	if slices.Contains(d.grantedSubs, denied) {
		return &denied
	}
	return nil
}

// next returns a channel that is closed at the next denial, or nil when done reports true. done is
// called with mu held.
func (d *denials) next(done func(*denials) bool) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if done(d) {
		return nil
	}
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	return d.changed
}

// parseDenied reads the texts of nats-server, which begin with Permissions Violation and go on:
//
//	for Publish to "s"
//	for Publish with Reply of "s"
//	for Subscription to "s"
//	for Subscription to "s" using queue "q"
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

// unquoteFirst reads the quoted string that s begins with, and returns what follows it.
func unquoteFirst(s string) (text, rest string) {
	q, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", s
	}
	text, _ = strconv.Unquote(q)
	return text, s[len(q):]
}
