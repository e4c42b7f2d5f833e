package observe

import (
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

func TestNumbers(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0", 0.04: "0.0", 9.5: "9.5", 99.96: "100", 950: "950", 999.6: "1.00k", 9500: "9.50k", 9995: "10.0k", 95_000: "95.0k",
		999_499: "999k", 999_600: "1.00M", 1_234_567: "1.23M", 9.2e18: "9.20E", 1e30: "1000000000000E",
	} {
		if got := Short(n); got != want {
			t.Errorf("%v: %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 12_288: "12,288", 123_456: "123456", 12_345_678: "12.3M", 9_223_372_036_854_775_807: "9.22E"} {
		if got := Count(n, 6); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 12 * time.Second: "12s", 192 * time.Second: "3m12s", 3*time.Hour + 12*time.Minute: "3h12m", 99 * time.Hour: "4d3h",
	} {
		if got := Age(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
	for s, want := range map[float64]string{
		0: "0ms", 0.00012: "0.12ms", 0.000999: "1.0ms", 0.0099: "9.9ms", 0.00999: "10ms", 0.34: "340ms", 0.9999: "1.0s", 12: "12.0s",
	} {
		if got := Milliseconds(s); got != want {
			t.Errorf("%v: %s, want %s", s, got, want)
		}
	}
}

// How long a side is up says nothing about how long it has not been subscribed.
func TestSides(t *testing.T) {
	up := state.Side{Up: true, Subscribed: true, Since: noon.Add(-time.Minute), URL: "nats://n1:4222", Server: "n1"}
	draining, down := up, up
	draining.Subscribed = false
	down.Up, down.LastError, down.LastErrorAt = false, "refused", noon.Add(-time.Second)
	for _, c := range []struct {
		side state.Side
		want string
	}{
		{up, "up for 1m00s, nats://n1:4222 (n1)"},
		{draining, "up for 1m00s, NOT SUBSCRIBED, nats://n1:4222 (n1)"},
		{down, "DOWN for 1m00s, nats://n1:4222 (n1); last error 1s ago: refused"},
	} {
		if got := Side(c.side, noon); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
