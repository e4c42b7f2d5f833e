package telemetry

import (
	"strings"
	"testing"
)

func TestDroppedLogLinesAreShown(t *testing.T) {
	dropped := int64(0)
	s := start(t, &fakeView{sides: exampleSides()}, Options{LogDropped: func() int64 { return dropped }})
	if page := get(t, s, "/").body; strings.Contains(page, "log lines dropped") {
		t.Errorf("nothing is dropped, and / says\n%s", page)
	}
	dropped = 7
	if n := scrapeOf(t, s).sum("fedrelay_log_lines_dropped_total"); n != 7 {
		t.Errorf("the metric says %v", n)
	}
	if page := get(t, s, "/").body; !strings.Contains(page, "log lines dropped: 7") {
		t.Errorf("/ says\n%s", page)
	}
}
