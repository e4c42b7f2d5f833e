package relay

import (
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// notes logs what goes wrong with messages: at most one line per kind and interval. Of a message a line may hold who sent
// it, its request id and a target, clipped and printable; never its payload. Kinds come from fixed lists, so there are few.
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

// due reports whether it is time for a line of a kind, and how many things were left unsaid before it. If it is not, n more are.
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
	} else if now.Sub(last.at) < l.interval {
		last.suppressed += n
		return 0, false
	}
	suppressed = last.suppressed
	last.at, last.suppressed = now, 0
	return suppressed, true
}

// warn logs that n things of a kind have happened.
func (l *notes) warn(k kind, n int, args ...any) {
	if suppressed, due := l.due(k, n); due {
		l.say(k, suppressed, args)
	}
}

// say logs a line that is due.
func (l *notes) say(k kind, suppressed int, args []any) {
	if k.why != "" {
		args = append(args, "reason", k.why)
	}
	l.log.Warn(k.what, append(args, "suppressed", suppressed)...)
}

// rejected is told about every message that is refused whole.
func (l *notes) rejected(f *pipeline.Finding) {
	k := kind{"message rejected", f.Reason.String()}
	if suppressed, due := l.due(k, 1); due {
		l.say(k, suppressed, append(origin(f), hint(f.Reason)...))
	}
}

// skipped is told about targets that get no copy.
func (l *notes) skipped(f *pipeline.Finding) {
	k := kind{"targets skipped", f.Reason.String()}
	if suppressed, due := l.due(k, f.Targets); due {
		args := []any{"target", printable(f.Target, clipped), "position", f.Position, "targets", f.Targets}
		l.say(k, suppressed, append(append(args, origin(f)...), hint(f.Reason)...))
	}
}

// origin says whose a message is, as far as it does itself.
func origin(f *pipeline.Finding) (args []any) {
	if len(f.Sender) > 0 {
		args = append(args, "sender", printable(f.Sender, clipped))
	}
	if len(f.Request) > 0 {
		args = append(args, "request", printable(f.Request, clipped))
	}
	return args
}

// clipped is how many bytes of a text from a message are logged.
const clipped = 80

// printable returns the first bytes of a text from elsewhere as it may stand in a log: printable ASCII, the rest as escapes.
func printable(text []byte, limit int) string {
	more := len(text) > limit
	quoted := strconv.QuoteToASCII(string(text[:min(len(text), limit)]))
	quoted = unquoter.Replace(quoted[1 : len(quoted)-1])
	if more {
		quoted += "..."
	}
	return quoted
}

var unquoter = strings.NewReplacer(`\\`, `\`, `\"`, `"`)

// copiesWith are kinds of lines by fate.
var copiesWith = func() (t [pipeline.NumFates]string) {
	for f := range pipeline.NumFates {
		t[f] = "copies " + f.String()
	}
	return t
}()

// failed is told about copies that were not published, or never answered for.
func (l *notes) failed(f pipeline.Fate, r wire.Reason, copies int) {
	k := kind{copiesWith[f], r.String()}
	if suppressed, due := l.due(k, copies); due {
		args := []any{"copies", copies}
		if r != wire.OK {
			args = append(args, hint(r)...)
		}
		l.say(k, suppressed, args)
	}
}

// denied is told the subject of every copy that the server refuses. The subject is the server's word.
func (l *notes) denied(subject string) {
	k := kind{"copies denied by the server: allow the relay's user to publish there", ""}
	if suppressed, due := l.due(k, 1); due {
		l.say(k, suppressed, []any{"subject", printable([]byte(subject), wire.MaxSubject/4)})
	}
}

// notOurs is told the subject of a document of the relay's own that the server refuses.
func (l *notes) notOurs(subject string) {
	l.warn(kind{"the statistics are denied by the server: allow the relay's user to publish there, or turn stats.publish off", ""}, 1,
		"subject", printable([]byte(subject), wire.MaxSubject/4))
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

func hint(r wire.Reason) []any { return []any{"hint", hints[r]} }

// hints say what an operator can do about a reason.
var hints = [wire.NumReasons]string{
	wire.Malformed:       "not JSON: nothing of Choria sends that; see who may publish on the subject",
	wire.TooDeep:         "raise limits.depth if a client of yours nests that deep in keys of its own",
	wire.DuplicateKey:    "a message that is read in two ways; \"compat: peer\" accepts it as the incumbent does",
	wire.BadType:         "a header is not of the type that Choria gives it: update or find the program that sends it",
	wire.BadVersion:      "not a transport message of Choria, version 1 or 2, or header names of both mixed",
	wire.BadData:         "a message without a payload; \"compat: peer\" accepts it as the incumbent does",
	wire.TooManyTargets:  "raise limits.targets, or have the client name fewer nodes in a message",
	wire.TooManyParts:    "a message made to keep the relay busy: see who may publish on the subject",
	wire.NotFederated:    "sent by something that is no federated client: see CHORIA_FED_COLLECTIVE and who may publish here",
	wire.NoTargets:       "a request that names no nodes, or a reply that was sent to the federation side",
	wire.NoReply:         "a message without a reply subject, or a request that was sent to the collective side",
	wire.ReplyNotAllowed: "answers go to <collective>.reply.*: see allow.collectives, which must have the client's main collective, and allow.replies for clients that choose their own reply subject",
	wire.BadSubject:      "spaces, control characters or letters outside ASCII: correct the name in the client's node list, or the request id",
	wire.EmptyToken:      "an empty name, two dots in a row or a dot at the end: correct the name in the client's node list",
	wire.Wildcard:        "* and > are no names: have the client discover nodes, or name them one by one",
	wire.SubjectTooLong:  "raise limits.subject_length where node names are that long",
	wire.NotAllowed:      "see allow.collectives; only nodes, agents and services can be addressed",
	wire.Loop:            "a subject of federation brokers: somebody tries to reach another network through this one",
	wire.DuplicateTarget: "a node that is named again gets one copy; see where the client's node list comes from",
	wire.FanoutBytes:     "raise limits.fanout_bytes, or have the client name fewer nodes in a message",
	wire.TooLarge:        "raise max_payload on the side that it goes to",
}
