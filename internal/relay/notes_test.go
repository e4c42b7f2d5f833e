package relay

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

func notesTo(out *bytes.Buffer) *notes {
	return &notes{log: slog.New(slog.NewTextHandler(out, nil)), interval: 10 * time.Second}
}

func TestALineOfAKindIsLoggedOnceAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		n := notesTo(&out)
		for range 50 {
			n.rejected(&pipeline.Finding{Reason: wire.Loop})
			n.rejected(&pipeline.Finding{Reason: wire.Wildcard})
			n.skipped(&pipeline.Finding{Reason: wire.Wildcard, Targets: 7, Target: []byte("m.node.*")})
			n.failed(pipeline.Refused, wire.TooLarge, 3)
			n.failed(pipeline.Expired, wire.OK, 3)
			n.denied("mcollective.node.x")
		}
		if lines := strings.Count(out.String(), "\n"); lines != 6 {
			t.Errorf("%d lines:\n%s", lines, out.String())
		}
		out.Reset()
		<-time.After(10 * time.Second)
		n.rejected(&pipeline.Finding{Reason: wire.Loop})
		n.skipped(&pipeline.Finding{Reason: wire.Wildcard, Targets: 1})
		n.failed(pipeline.Refused, wire.TooLarge, 2)
		for _, want := range []string{"reason=loop suppressed=49", "reason=wildcard suppressed=343", "copies=2", "raise max_payload", "suppressed=147"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in:\n%s", want, out.String())
			}
		}
	})
}

func TestALineSaysWhichTargetOfWhichMessage(t *testing.T) {
	var out bytes.Buffer
	n := notesTo(&out)
	n.skipped(&pipeline.Finding{
		Reason: wire.BadSubject, Targets: 2, Target: []byte("mcollective.node.web 2"), Position: 117,
		Sender: []byte("bastion1"), Request: []byte("7c1f"),
	})
	n.rejected(&pipeline.Finding{Reason: wire.NoReply, Sender: []byte("bastion1"), Request: []byte("7c1f")})
	n.rejected(&pipeline.Finding{Reason: wire.Malformed})
	for _, want := range []string{
		`msg="targets skipped" target="mcollective.node.web 2" position=117 targets=2 sender=bastion1 request=7c1f hint=`,
		`msg="message rejected" sender=bastion1 request=7c1f hint=`,
		`msg="message rejected" hint=`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

// What a message says is clipped, and comes out as printable ASCII.
func TestTextsOfMessagesAreClippedAndPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"web 2":                    "web 2",
		"a\"b\\u001b":              `a"b\u001b`,
		"bücher\x1b[31m\n\x00\xff": `b\u00fccher\x1b[31m\n\x00\xff`,
		strings.Repeat("x", 81):    strings.Repeat("x", 80) + "...",
		strings.Repeat("x", 80):    strings.Repeat("x", 80),
	} {
		if got := printable([]byte(in), maxTextShown); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	var out bytes.Buffer
	long := bytes.Repeat([]byte("\u202e"), 100_000)
	notesTo(&out).skipped(&pipeline.Finding{Reason: wire.BadSubject, Targets: 1, Target: long, Sender: long, Request: long})
	if out.Len() > 2000 {
		t.Errorf("a line of %d bytes", out.Len())
	}
}

func TestEveryReasonHasAHint(t *testing.T) {
	for r := wire.OK + 1; r < wire.NumReasons; r++ {
		if len(hints[r]) < 20 {
			t.Errorf("%s: %q", r, hints[r])
		}
	}
}

func TestASubjectThatTheServerNamesIsClipped(t *testing.T) {
	var out bytes.Buffer
	notesTo(&out).denied(strings.Repeat("x", 100_000))
	if out.Len() > 1000 {
		t.Errorf("a line of %d bytes", out.Len())
	}
}
