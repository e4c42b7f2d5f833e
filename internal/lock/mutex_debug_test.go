//go:build pooldebug

package lock

import (
	"maps"
	"strings"
	"sync"
	"testing"
)

type (
	outer   struct{}
	inner   struct{}
	unnamed struct{}
)

func init() {
	maps.Copy(ranks, ranksOf([][]string{{"lock.outer"}, {"lock.inner"}}))
}

func TestLocksAgainstTheOrderPanic(t *testing.T) {
	for name, c := range map[string]struct {
		first, second sync.Locker
		panics        string // a part of the text; empty: it does not
	}{
		"in order":      {new(Mutex[outer]), new(Mutex[inner]), ""},
		"against it":    {new(Mutex[inner]), new(Mutex[outer]), "lock.outer is taken while lock.inner is held"},
		"of one class":  {new(Mutex[inner]), new(Mutex[inner]), "lock.inner is taken while lock.inner is held"},
		"without place": {new(Mutex[outer]), new(Mutex[unnamed]), "lock.unnamed has no place"},
	} {
		c.first.Lock()
		got := panicOf(func() { use(c.second) })
		c.first.Unlock()
		if (got == "") != (c.panics == "") || !strings.Contains(got, c.panics) {
			t.Errorf("two locks %s: panic %q", name, got)
		}
		if got := panicOf(func() { use(c.first) }); got != "" {
			t.Errorf("two locks %s: later: %s", name, got)
		}
	}
}

func TestALockThatItsGoroutineHoldsPanics(t *testing.T) {
	var mu Mutex[outer]
	mu.Lock()
	defer mu.Unlock()
	if got := panicOf(mu.Lock); !strings.Contains(got, "by the goroutine that holds it") {
		t.Errorf("panic %q", got)
	}
}

func TestTryLockMayGoAgainstTheOrder(t *testing.T) {
	var first, last Mutex[inner]
	var tried Mutex[outer]
	first.Lock()
	if !tried.TryLock() || tried.TryLock() {
		t.Error("TryLock does not tell a free mutex from one that is taken")
	}
	first.Unlock()
	last.Lock() // in order: only tried is held
	if got := panicOf(func() { new(Mutex[outer]).Lock() }); got == "" {
		t.Error("what comes after TryLock is not checked")
	}
	last.Unlock()
	if got := panicOf(func() { new(Mutex[outer]).Lock() }); got == "" {
		t.Error("a lock taken with TryLock is not held")
	}
	tried.Unlock()
}

func TestGoroutinesDoNotCountForEachOther(t *testing.T) {
	var low Mutex[inner]
	low.Lock()
	defer low.Unlock()
	var other sync.WaitGroup
	other.Go(func() {
		use(new(Mutex[outer]))
		if locks := heldBy(goroutine()); len(locks) > 0 {
			t.Errorf("held after the end: %v", locks)
		}
	})
	other.Wait()
}

func use(mu sync.Locker) {
	mu.Lock()
	defer mu.Unlock()
}

// panicOf returns the text with which f panics.
func panicOf(f func()) (text string) {
	defer func() { text, _ = recover().(string) }()
	f()
	return ""
}
