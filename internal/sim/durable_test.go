package sim

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

// The runtime has a table that says which reasons to wait let the clock of a bubble move on. Mutexes are not in it because
// one from outside the bubble may be waited for; that can only move a clock a little early here. There is no way to ask
// for it, so the tests look for the table in their own memory and change three entries.
var (
	idleReasons = []int{15, 16, 17, 14, 21, 45, 38, 40, 41, 42, 43, 44} // go1.26: runtime.isIdleInSynctest
	lockReasons = []int{22, 23, 24}                                     // sync.Mutex.Lock, sync.RWMutex.RLock and Lock
)

const waitReasons = 47 // entries of the table

// needsDurableMutexes skips the test where virtual time would stop at a mutex.
func needsDurableMutexes(t *testing.T) {
	t.Helper()
	if err := durableMutexes(); err != nil {
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

func TestAMutexLetsTheClockMoveOn(t *testing.T) {
	if err := durableMutexes(); err != nil && runtime.GOOS == "linux" {
		t.Fatalf("nothing is simulated: %v; see runtime/runtime2.go for waitReason and isIdleInSynctest", err)
	}
	needsDurableMutexes(t)
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
