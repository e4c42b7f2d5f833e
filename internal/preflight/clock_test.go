package preflight

import (
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/link"
)

// A login that its server ends within 30 days is warned of, whatever its file says.
func TestALoginThatEndsSoonIsWarnedAbout(t *testing.T) {
	const day = 24 * time.Hour
	for left, warned := range map[time.Duration]bool{time.Hour: true, 29 * day: true, 31 * day: false, 0: false} {
		s := &side{name: link.Federation, login: &link.Login{}}
		if left > 0 {
			s.login.Ends = time.Now().Add(left)
		}
		s.ends()
		if got := len(s.checks) == 1 && s.checks[0].Level == Warning; got != warned {
			t.Errorf("in %s: %+v", left, s.checks)
		}
	}
}
