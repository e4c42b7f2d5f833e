// Whole relays run in virtual time here, in a bubble of testing/synctest. The clock of a bubble
// moves on when all of its goroutines are blocked.
//
// # Why a table of the Go runtime is overwritten
//
// To synctest a goroutine that waits for a mutex is not blocked, because somebody outside of the
// bubble may hold the mutex. Under back-pressure this stops the clock for ever: one goroutine is
// blocked in a write until a deadline passes, and others wait for the mutex that it holds. The
// mutexes are ours (one write at a time on a connection) and nats.go's (its connection is locked
// while it writes). Without them 48 of 120 scenarios of internal/sim did not end. Only one of the
// 48 hung at a mutex of the simulation itself.
//
// So the runtime has to count mutexes, too. It looks the reasons for waiting up in a table,
// runtime.isIdleInSynctest. This file finds the table in the memory of the test program and sets
// three entries. All that can go wrong is that a clock moves a little early, where a goroutine
// of the bubble waits for a mutex that somebody outside holds.
//
// # Which versions of Go this holds for
//
// Go 1.26 and 1.27 on Linux; 1.26.1, 1.26.8, 1.26.9 and 1.27.0 were tried. With any other version
// the tests that need it are skipped, and make check says so in one line. To make it hold for
// another version: compare waitReason and isIdleInSynctest in runtime/runtime2.go with the numbers
// below, add the version to triedWith, and run the tests of this package and of internal/sim.
//
// # What else was tried
//
//   - Connections inside of the process: they are that already. Nobody hangs at a socket.
//   - Channels in place of our own mutexes: 9 of the 48 scenarios hung at nats.go's alone.
//   - A clock of our own: nats.go and nats-server ask package time.
//   - go test -overlay with another runtime2.go: as fast, but a plain go test would skip all
//     scenarios, and each kind of build compiles the standard library anew (80 s of CPU).
//   - A go:linkname to the table: the linker refuses it without -checklinkname=0, which a plain
//     go test does not set, either.
//   - The build tag faketime: then the time limits of package testing are virtual, too.

package fedtest

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"unsafe"
)

// triedWith lists the versions of Go whose table is known. It is a string so that the linker can
// change it: go test -ldflags "-X github.com/fedrelay/fedrelay/internal/fedtest.triedWith=none"
// shows what happens with a version that is not known.
var triedWith = "go1.26 go1.27"

// The table of these versions. The numbers are those of runtime.waitReason.
var (
	idleReasons = []int{14, 15, 16, 17, 21, 38, 40, 41, 42, 43, 44, 45}
	lockReasons = []int{22, 23, 24} // sync.Mutex.Lock, sync.RWMutex.RLock, sync.RWMutex.Lock
)

const waitReasons = 47 // entries of the table

// Bubble runs f in virtual time, in which goroutines that wait for mutexes count as blocked. It
// skips the test where that is not to be had. Nothing that uses nats.go may run beside it: nats.go
// keeps timers for the next use, and a timer must not be used in two bubbles.
func Bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	NeedVirtualTime(t)
	ForgetTimers()
	defer ForgetTimers()
	synctest.Test(t, f)
}

// ForgetTimers takes from nats.go the timers that it keeps for the next use. It empties all
// sync.Pools: what they keep survives one collection, but not two.
func ForgetTimers() {
	runtime.GC()
	runtime.GC()
}

// NeedVirtualTime skips the test where Bubble would. It is for tests that call Bubble late, or in
// another process.
func NeedVirtualTime(t testing.TB) {
	t.Helper()
	if err := isTried(runtime.Version(), runtime.GOOS, triedWith); err != nil {
		t.Skipf("no virtual time: %v; see internal/fedtest/bubble.go", err)
	}
	if err := countMutexes(); err != nil {
		t.Fatalf("no virtual time, although %s was tried: %v", runtime.Version(), err)
	}
}

var countMutexes = sync.OnceValue(func() error {
	table, err := findTable()
	if err != nil {
		return err
	}
	for _, reason := range lockReasons {
		table[reason] = 1
	}
	return nil
})

var release = regexp.MustCompile(`^go1\.\d+`)

// isTried returns an error for a version of Go, or a system, that is not known to work.
func isTried(version, system, tried string) error {
	if system != "linux" {
		return fmt.Errorf("not tried on %s", system)
	}
	for known := range strings.FieldsSeq(tried) {
		if release.FindString(version) == known {
			return nil
		}
	}
	return fmt.Errorf("not tried with %s", version)
}

// findTable returns the runtime's table, in place.
func findTable() ([]byte, error) {
	data, err := initializedData()
	if err != nil {
		return nil, err
	}
	want := make([]byte, waitReasons)
	for _, reason := range idleReasons {
		want[reason] = 1
	}
	i := bytes.Index(data, want)
	if i < 0 || bytes.Contains(data[i+1:], want) {
		return nil, errors.New("the runtime's table has changed")
	}
	return data[i : i+waitReasons], nil
}

// initializedData returns the part of the memory of this program in which the table is.
func initializedData() ([]byte, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f, err := elf.Open(program)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	section := f.Section(".noptrdata")
	if section == nil || f.Type != elf.ET_EXEC {
		return nil, errors.New("the test program is not laid out as expected")
	}
	address := uintptr(section.Addr)
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&address))), section.Size), nil
}
