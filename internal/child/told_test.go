package child

import (
	"context"
	"strings"
	"testing"
)

func TestAProcessTellsWhatToKnowOfIt(t *testing.T) {
	var told struct{ At string }
	p, err := StartTold(t.Context(), []string{"/bin/sh", "-c", `echo '{"At": "here"}'; echo more; sleep 60`}, &told)
	if err != nil || told.At != "here" {
		t.Fatal(err, told)
	}
	p.Kill()
	_, err = StartTold(t.Context(), []string{"/bin/sh", "-c", "echo why >&2"}, &told)
	if err == nil || !strings.Contains(err.Error(), "why") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := StartTold(ctx, []string{"/bin/sh", "-c", "sleep 60"}, &told); err == nil {
		t.Error("it was waited for")
	}
}
