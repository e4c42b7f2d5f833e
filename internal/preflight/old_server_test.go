package preflight

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/relay"
)

// A server before 2.10 does not answer the question about the login. That is no missing right.
func TestAnOldServerDeniesNothing(t *testing.T) {
	for version, missing := range map[string]bool{"2.9.25": false, "1.4.1": false, "2.10.0": true, "2.15.2-RC.1": true, "": true} {
		s := &side{place: link.Place{Version: version}}
		level, _ := s.judgePublish(t.Context(), relay.Right{Publish: true, Subject: "$SYS.REQ.USER.INFO", Lacks: "x"})
		inbox, _ := s.optional(t.Context(), relay.Right{Subject: "_INBOX.>", Lacks: "x"}, "x")
		if (level == Warning) != missing || (inbox == Warning) != missing {
			t.Errorf("version %q: %s and %s", version, level, inbox)
		}
	}
}
