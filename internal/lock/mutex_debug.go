//go:build pooldebug

package lock

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"sync"
)

// A Mutex is a sync.Mutex that panics if it is taken against the order. It must be unlocked by the
// goroutine that has locked it.
type Mutex[Class any] struct {
	mu    sync.Mutex
	owner int // the goroutine that holds mu; guarded by mu
}

// Lock panics before it waits.
func (m *Mutex[Class]) Lock() {
	class := className[Class]()
	me := goroutine()
	for _, h := range heldBy(me) {
		if h.mutex == m {
			panic("lock: " + class + " is taken by the goroutine that holds it")
		}
		if rank(h.class) >= rank(class) {
			panic("lock: " + class + " is taken while " + h.class + " is held, which the order forbids")
		}
	}
	m.mu.Lock()
	m.hold(me)
}

// TryLock does not wait, so it may go against the order. What is taken after it may not.
func (m *Mutex[Class]) TryLock() bool {
	if !m.mu.TryLock() {
		return false
	}
	m.hold(goroutine())
	return true
}

func (m *Mutex[Class]) hold(me int) {
	m.owner = me
	held.Store(me, append(heldBy(me), holding{m, className[Class]()}))
}

// Unlock does without a stack trace, which takes long.
func (m *Mutex[Class]) Unlock() {
	locks := slices.DeleteFunc(heldBy(m.owner), func(h holding) bool { return h.mutex == m })
	if len(locks) > 0 {
		held.Store(m.owner, locks)
	} else {
		held.Delete(m.owner)
	}
	m.mu.Unlock()
}

// A holding is a lock that somebody holds.
type holding struct {
	mutex any
	class string
}

// held has the holdings of each goroutine that has any, by its number. An entry is read and changed
// by that goroutine only.
var held sync.Map

func heldBy(goroutine int) []holding {
	locks, _ := held.Load(goroutine)
	of, _ := locks.([]holding)
	return of
}

func className[Class any]() string { return reflect.TypeFor[Class]().String() }

func rank(class string) int {
	r, ok := ranks[class]
	if !ok {
		panic("lock: " + class + " has no place in the order")
	}
	return r
}

// goroutine is the number of this goroutine, which only a stack trace shows: "goroutine 18 [...".
func goroutine() int {
	var trace [64]byte
	number := bytes.Fields(trace[:runtime.Stack(trace[:], false)])[1]
	n, err := strconv.Atoi(string(number))
	if err != nil {
		panic(fmt.Sprintf("lock: a stack trace begins with %q", trace))
	}
	return n
}
