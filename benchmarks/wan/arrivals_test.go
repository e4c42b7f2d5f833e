package wan

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func keys(all ...string) (b [][]byte) {
	for _, k := range all {
		b = append(b, []byte(k))
	}
	return b
}

func TestArrivalsAreToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		come []string
		want string
	}{
		"all":     {[]string{"b", "a", "c"}, ""},
		"twice":   {[]string{"a", "a", "b", "c"}, `twice: "a"`},
		"foreign": {[]string{"a", "x", "b", "c"}, `what nobody sent: "x"`},
		"missing": {[]string{"a", "c"}, "1 of 3 lost"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var a arrivals
			a.expect(keys("a", "b", "c"))
			began := time.Now()
			go func() {
				for _, k := range c.come {
					a.arrived([]byte(k))
				}
			}()
			last, wrong, err := a.await(t.Context())
			if wrong != c.want || err != nil || last.Before(began) {
				t.Errorf("%s: %q, %v", name, wrong, err)
			}
		})
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	var a arrivals
	a.expect(keys("a"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := a.await(ctx); err == nil {
		t.Error("no error")
	}
}

// What came for the last expectation is not taken for what comes for the next.
func TestEachExpectationBeginsAnew(t *testing.T) {
	var a arrivals
	a.expect(keys("a"))
	a.arrived([]byte("a"))
	a.expect(keys("a"))
	a.arrived([]byte("a"))
	if _, wrong, err := a.await(t.Context()); wrong != "" || err != nil {
		t.Errorf("%q, %v", wrong, err)
	}
}
