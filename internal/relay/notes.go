package relay

import (
	"log/slog"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// notes logs what goes wrong with messages: at most one line per kind and interval, and never what was in a message. Kinds
// come from fixed lists, so there are few.
type notes struct {
	log      *slog.Logger
	interval time.Duration

	// Guarded by mu.
	mu   sync.Mutex
	last map[kind]*note
}

// A kind of line.
type kind struct{ what, why string }

// A note is when the last line of a kind was logged, and how many things have been left unsaid since.
type note struct {
	at         time.Time
	suppressed int
}

// warn logs that n things of a kind have happened.
func (l *notes) warn(k kind, n int, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, now := l.last[k], time.Now()
	if last == nil {
		if l.last == nil {
			l.last = make(map[kind]*note)
		}
		last = &note{}
		l.last[k] = last
	} else if now.Sub(last.at) < l.interval {
		last.suppressed += n
		return
	}
	if k.why != "" {
		args = append(args, "reason", k.why)
	}
	l.log.Warn(k.what, append(args, "suppressed", last.suppressed)...)
	last.at, last.suppressed = now, 0
}

// refused is told about every message that is refused whole.
func (l *notes) refused(r wire.Reason) {
	l.warn(kind{"message refused", r.String()}, 1, hint(r)...)
}

// skipped is told about every copy that is not made because its target is refused while others are served.
func (l *notes) skipped(r wire.Reason) {
	l.warn(kind{"target skipped", r.String()}, 1, hint(r)...)
}

// failed is told about copies that were not published, or never answered for.
func (l *notes) failed(f pipeline.Fate, r wire.Reason, copies int) {
	l.warn(kind{"copies " + f.String(), r.String()}, copies, append(hint(r), "copies", copies)...)
}

// denied is told the subject of every copy that the server refuses. The subject is the server's word.
func (l *notes) denied(subject string) {
	const enough = 255
	l.warn(kind{"copies denied by the server: allow the relay's user to publish there", ""}, 1,
		"subject", subject[:min(len(subject), enough)])
}

// notOurs is told the subject of a document of the relay's own that the server refuses.
func (l *notes) notOurs(subject string) {
	l.warn(kind{"the statistics are denied by the server: allow the relay's user to publish there, or turn stats.publish off", ""}, 1,
		"subject", printable(subject))
}

// dropped is told about messages that were lost before they were received.
func (l *notes) dropped(messages int) {
	l.warn(kind{"messages dropped before they were received: they come faster than they can be carried", ""}, messages,
		"messages", messages)
}

// notJoined is told about every failure to join the queue group.
func (l *notes) notJoined(err error) {
	l.warn(kind{"cannot join the queue group; will try again", ""}, 1, "error", err)
}

func hint(r wire.Reason) []any {
	if text := hints[r]; text != "" {
		return []any{"hint", text}
	}
	return nil
}

// hints say what an operator can do about a reason.
var hints = map[wire.Reason]string{
	wire.DuplicateKey:    "a message that is read in two ways; \"compat: peer\" accepts it as the incumbent does",
	wire.TooManyTargets:  "raise limits.targets, or have the client name fewer nodes in a message",
	wire.TooManyHops:     "raise limits.hops where clients batch with a remote signer: they repeat their hop",
	wire.FanoutBytes:     "raise limits.fanout_bytes, or have the client name fewer nodes in a message",
	wire.SubjectTooLong:  "raise limits.subject_length where node names are that long",
	wire.NotAllowed:      "see allow.collectives; only nodes, agents and services can be addressed",
	wire.ReplyNotAllowed: "see allow.replies for clients that choose their own reply subject",
	wire.TooLarge:        "raise max_payload on the side that it goes to",
}
