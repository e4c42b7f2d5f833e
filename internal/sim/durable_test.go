package sim

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
)

func TestAMutexLetsTheClockMoveOn(t *testing.T) {
	fedtest.NeedDurableMutexes(t)
	synctest.Test(t, func(*testing.T) {
		var mu sync.Mutex
		mu.Lock()
		go func() {
			mu.Lock() // waits while the clock is needed
			defer mu.Unlock()
		}()
		<-time.After(time.Hour)
		mu.Unlock()
		synctest.Wait()
	})
}

func needsDurableMutexes(t *testing.T) {
	t.Helper()
	fedtest.NeedDurableMutexes(t)
}
