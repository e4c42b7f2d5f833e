package relay

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// notes logs what goes wrong with messages and copies, with at most one line of each kind in an
// interval. A line may name the sender of a message, its request id and a target, clipped and
// printable. It never shows the payload. Kinds come from fixed lists, so there are few. All methods
// may be called from any goroutine.
type notes struct {
	log *slog.Logger
	to  string // the side that copies go to; may be empty

	// Guarded by mu.
	mu       lock.Mutex[notes]
	interval time.Duration
	last     map[kind]*note
}

// A kind is what lines of one kind have in common: a text and, perhaps, a reason.
type kind struct{ text, reason string }

// A note says when the last line of a kind was logged, and how much has been suppressed since.
type note struct {
	logged     time.Time
	suppressed int // messages, targets or copies, as the kind counts
}

// due reports whether it is time for a line of kind k, and returns how much was suppressed before
// it. If it is not time, it adds n to what is suppressed.
func (l *notes) due(k kind, n int) (suppressed int, due bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, now := l.last[k], time.Now()
	if last == nil {
		if l.last == nil {
			l.last = make(map[kind]*note)
		}
		last = &note{}
		l.last[k] = last
	} else if now.Sub(last.logged) < l.interval {
		last.suppressed += n
		return 0, false
	}
	suppressed = last.suppressed
	last.logged, last.suppressed = now, 0
	return suppressed, true
}

// setInterval changes how often lines of a kind are logged.
func (l *notes) setInterval(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.interval = d
}

// warn logs a line of a kind if it is due, for n messages or copies.
func (l *notes) warn(k kind, n int, args ...any) {
	if suppressed, due := l.due(k, n); due {
		l.write(k, suppressed, args)
	}
}

// write logs a line that is due.
func (l *notes) write(k kind, suppressed int, args []any) {
	if k.reason != "" {
		args = append(args, "reason", k.reason)
	}
	l.log.Warn(k.text, append(args, "suppressed", suppressed)...)
}

// rejected is called for each rejected message.
func (l *notes) rejected(f *pipeline.Finding) {
	k := kind{"message rejected", f.Reason.String()}
	if suppressed, due := l.due(k, 1); due {
		l.write(k, suppressed, append(origin(f), hint(f.Reason)...))
	}
}

// unsealed is called for each reply that is carried although its seal does not open.
func (l *notes) unsealed(r *pipeline.Route, reason wire.Reason) {
	k := kind{"reply carried although its seal does not open", reason.String()}
	if suppressed, due := l.due(k, 1); due {
		f := &pipeline.Finding{
			Sender: r.Envelope.Sender.Of(r.Message), Request: r.Envelope.FedRequest.Of(r.Message),
		}
		l.write(k, suppressed, append(origin(f), hint(reason)...))
	}
}

// skipped is called for all targets of one message that are skipped for the same reason.
func (l *notes) skipped(f *pipeline.Finding) {
	k := kind{"targets skipped", f.Reason.String()}
	if suppressed, due := l.due(k, f.Targets); due {
		args := []any{
			"target", printable(f.Target, maxTextShown), "position", f.Position, "targets", f.Targets,
		}
		l.write(k, suppressed, slices.Concat(args, origin(f), hint(f.Reason)))
	}
}

// origin returns attributes with the sender and the request id, if the message has them.
func origin(f *pipeline.Finding) (args []any) {
	if len(f.Sender) > 0 {
		args = append(args, "sender", printable(f.Sender, maxTextShown))
	}
	if len(f.Request) > 0 {
		args = append(args, "request", printable(f.Request, maxTextShown))
	}
	return args
}

const (
	// maxTextShown is how many bytes of a text from a message are logged.
	maxTextShown = 80
	// maxSubjectShown is how many bytes are shown of a subject that the server has named.
	maxSubjectShown = wire.MaxSubject / 4
)

// printable returns up to limit bytes of a text that others have written, in printable ASCII with
// escapes for everything else. So it can stand in a log.
func printable(text []byte, limit int) string {
	clipped := len(text) > limit
	quoted := strconv.QuoteToASCII(string(text[:min(len(text), limit)]))
	quoted = unquoter.Replace(quoted[1 : len(quoted)-1])
	if clipped {
		quoted += "..."
	}
	return quoted
}

var unquoter = strings.NewReplacer(`\\`, `\`, `\"`, `"`)

// copiesText are the texts of lines about copies, by fate.
var copiesText = func() (t [pipeline.NumFates]string) {
	for f := range pipeline.NumFates {
		t[f] = "copies " + f.String()
	}
	return t
}()

// failed is called for copies that met a fate other than confirmed or denied.
func (l *notes) failed(f pipeline.Fate, r wire.Reason, copies int) {
	k := kind{copiesText[f], r.String()}
	if suppressed, due := l.due(k, copies); due {
		args := []any{"copies", copies}
		if r != wire.OK {
			args = append(args, hint(r)...)
		}
		l.write(k, suppressed, args)
	}
}

// denied is called with the subject of each denied copy, as the server names it.
func (l *notes) denied(subject string) {
	k := kind{"copies denied by the server: allow the user of this login to publish there", ""}
	if suppressed, due := l.due(k, 1); due {
		args := []any{"subject", printable([]byte(subject), maxSubjectShown)}
		if l.to != "" {
			args = append(args, "side", l.to)
		}
		l.write(k, suppressed, args)
	}
}

// dropped is called for messages that the NATS library had no room for.
func (l *notes) dropped(messages int) {
	text := "messages dropped before they were received: " +
		"they come faster than they can be carried"
	l.warn(kind{text, ""}, messages, "messages", messages)
}

// notJoined is called for each failure to join the queue group.
func (l *notes) notJoined(err error) {
	l.warn(kind{"cannot join the queue group; will try again", ""}, 1, "error", err)
}
