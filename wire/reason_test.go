package wire

import (
	"regexp"
	"testing"
)

// The names are values of a metric's label: they must be distinct, and made of what such a value
// may hold.
func TestEveryReasonHasANameOfItsOwn(t *testing.T) {
	if OK.String() != "" {
		t.Errorf("OK is called %q", OK)
	}
	seen := map[string]Reason{}
	for r := OK + 1; r < NumReasons; r++ {
		name := r.String()
		if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(name) {
			t.Errorf("%d is called %q", r, name)
		}
		if other, ok := seen[name]; ok {
			t.Errorf("%d and %d are both called %q", other, r, name)
		}
		seen[name] = r
	}
}
