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

func TestOneLineAKindAndInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		n := &notes{log: slog.New(slog.NewTextHandler(&out, nil)), interval: 10 * time.Second}
		for range 50 {
			n.refused(wire.Loop)
			n.refused(wire.Wildcard)
			n.failed(pipeline.Refused, wire.TooLarge, 3)
			n.denied("mcollective.node.x")
		}
		if lines := strings.Count(out.String(), "\n"); lines != 4 {
			t.Errorf("%d lines:\n%s", lines, out.String())
		}
		out.Reset()
		<-time.After(10 * time.Second)
		n.refused(wire.Loop)
		n.failed(pipeline.Refused, wire.TooLarge, 2)
		for _, want := range []string{"reason=loop suppressed=49", "copies=2", "raise max_payload", "suppressed=147"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in:\n%s", want, out.String())
			}
		}
	})
}

func TestTheServersWordIsCutShort(t *testing.T) {
	var out bytes.Buffer
	n := &notes{log: slog.New(slog.NewTextHandler(&out, nil)), interval: time.Second}
	n.denied(strings.Repeat("x", 100_000))
	if out.Len() > 1000 {
		t.Errorf("a line of %d bytes", out.Len())
	}
}
