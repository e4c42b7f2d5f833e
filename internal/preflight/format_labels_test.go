package preflight

import (
	"strings"
	"testing"
	"time"
)

func TestANameWithMistakesIsWrittenForPrometheus(t *testing.T) {
	r := NewReport(time.Unix(0, 0))
	r.Cluster = "a\tb\"\\\n\x1b\xff"
	r.Add(Check{ID: IDConfig, Level: Critical, Text: "x"})
	var b strings.Builder
	if err := r.Write(&b, "prometheus"); err != nil {
		t.Fatal(err)
	}
	if want := "fedrelay_check_success{cluster=\"a\tb\\\"\\\\\\n\x1b?\"} 0\n"; !strings.Contains(b.String(), want) {
		t.Errorf("no %q in\n%s", want, b.String())
	}
}
