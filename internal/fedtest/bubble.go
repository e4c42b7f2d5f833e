package fedtest

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"unsafe"
)

// Bubble runs f in virtual time, in which mutexes count as waiting, too. Nothing that uses the NATS library may run beside
// it: that keeps timers for the next use, which must not come from another bubble.
func Bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	NeedDurableMutexes(t)
	forgetTimers()
	defer forgetTimers()
	synctest.Test(t, f)
}

// forgetTimers empties all pools: what they keep survives one collection.
func forgetTimers() {
	runtime.GC()
	runtime.GC()
}

// The runtime has a table that says which reasons to wait let the clock of a bubble move on. Mutexes are not in it because
// one from outside the bubble may be waited for; that can only move a clock a little early here. There is no way to ask
// for it, so the tests look for the table in their own memory and change three entries.
var (
	idleReasons = []int{15, 16, 17, 14, 21, 45, 38, 40, 41, 42, 43, 44} // go1.26: runtime.isIdleInSynctest
	lockReasons = []int{22, 23, 24}                                     // sync.Mutex.Lock, sync.RWMutex.RLock and Lock
)

const waitReasons = 47 // entries of the table

// NeedDurableMutexes has virtual time go on while somebody waits for a mutex. It skips the test on systems where that is not
// possible.
func NeedDurableMutexes(t testing.TB) {
	t.Helper()
	switch err := durableMutexes(); {
	case err != nil && runtime.GOOS == "linux":
		t.Fatalf("nothing is simulated: %v; see runtime/runtime2.go for waitReason and isIdleInSynctest", err)
	case err != nil:
		t.Skipf("no virtual time with mutexes: %v", err)
	}
}

var durableMutexes = sync.OnceValue(func() error {
	if runtime.GOOS != "linux" {
		return errors.New("only known on linux")
	}
	table, err := findTable()
	if err != nil {
		return err
	}
	for _, reason := range lockReasons {
		table[reason] = 1
	}
	return nil
})

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
	at := bytes.Index(data, want)
	if at < 0 || bytes.Contains(data[at+1:], want) {
		return nil, errors.New("the table of " + runtime.Version() + " is not known")
	}
	return data[at : at+waitReasons], nil
}

// initializedData returns the memory of this program where the runtime's table is.
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
		return nil, errors.New("the program is not laid out as expected")
	}
	at := uintptr(section.Addr)
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&at))), section.Size), nil
}
