package relay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/relay"
)

func TestUnequalPayloadsAreWarnedAbout(t *testing.T) {
	n := &fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{MaxPayload: 1 << 16}),
		Collective: fedtest.StartServer(t, embedded.Options{}),
	}
	r := fedtest.StartRelay(t, n.Config())
	want := "max_payload is 64KiB on the federation and 1MiB on the collective"
	if ok, reasons := r.Ready(); !ok || !strings.Contains(strings.Join(r.Warnings(), "\n"), want) {
		t.Errorf("ready %v %q, warnings %q", ok, reasons, r.Warnings())
	}
}

func TestAClockThatIsOffIsWarnedAbout(t *testing.T) {
	for _, c := range []struct {
		login *link.Login
		want  string
	}{
		{nil, ""},
		{&link.Login{}, ""},
		{&link.Login{Clock: true, Ahead: 6 * time.Second, Unsure: 2 * time.Second}, ""},
		{&link.Login{Clock: true, Ahead: 20 * time.Second}, "federation: the clock of this host was 20s behind that of server fed1"},
		{&link.Login{Clock: true, Ahead: -20 * time.Second}, "federation: the clock of this host was 20s ahead of that of server fed1"},
	} {
		st := link.Status{Connected: true, Login: c.login, Place: link.Place{ServerName: "fed1"}}
		if got := relay.UnequalClock("federation", st); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%+v: %q", c.login, got)
		}
	}
}
