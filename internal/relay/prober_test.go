package relay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// Who asks for the same gets the same, for a second. Only two probes are made at a time.
func TestProbesAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProber()
		var mu sync.Mutex
		made, running, most := 0, 0, 0
		probe := func(context.Context) finding {
			mu.Lock()
			made, running = made+1, running+1
			most = max(most, running)
			mu.Unlock()
			<-time.After(100 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			running--
			return finding{subscribed: state.Listened}
		}
		var asking sync.WaitGroup
		for i := range 3 * probesKept {
			asking.Go(func() {
				f, err := p.find(t.Context(), fmt.Sprint(i%5), probe)
				if err != nil || f.subscribed != state.Listened {
					t.Errorf("%+v, %v", f, err)
				}
			})
		}
		asking.Wait()
		if made != 5 || most != probesAtOnce {
			t.Errorf("%d probes of 5 subjects, %d at once", made, most)
		}
		<-time.After(probeLasts + time.Millisecond)
		if _, err := p.find(t.Context(), "1", probe); err != nil || made != 6 || len(p.recent) != 1 {
			t.Errorf("after a second: %d probes, %d kept, %v", made, len(p.recent), err)
		}
	})
}

func TestProbesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProber()
		stuck := func(ctx context.Context) finding {
			<-ctx.Done()
			return finding{detail: ctx.Err().Error()}
		}
		var asking sync.WaitGroup
		for i := range probesKept {
			asking.Go(func() { _, _ = p.find(t.Context(), fmt.Sprint(i), stuck) })
		}
		synctest.Wait()
		if _, err := p.find(t.Context(), "one more", stuck); !errors.Is(err, errBusy) {
			t.Errorf("one too many: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := p.find(ctx, "1", stuck); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for somebody else's: %v", err)
		}
		start := time.Now()
		asking.Wait()
		if took := time.Since(start); took > probeTimeout {
			t.Errorf("probes took %s", took)
		}
	})
}
