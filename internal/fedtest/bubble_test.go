package fedtest

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAMutexLetsTheClockMoveOn(t *testing.T) {
	Bubble(t, func(*testing.T) {
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

func TestVirtualTimeIsForVersionsThatWereTried(t *testing.T) {
	for _, c := range []struct {
		version, system string
		tried           bool
	}{
		{"go1.26.8", "linux", true},
		{"go1.27rc1", "linux", true},
		{"go1.27.0-X:nosynctest", "linux", true},
		{"go1.26.8", "darwin", false},
		{"go1.2.1", "linux", false},
		{"go1.28.0", "linux", false},
		{"devel +4a1b2c3 Mon Nov 2 2026", "linux", false},
	} {
		if err := isTried(c.version, c.system, "go1.26 go1.27"); (err == nil) != c.tried {
			t.Errorf("%s on %s: %v", c.version, c.system, err)
		}
	}
}

// TestVirtualTimeIsToBeHad lists all files whose tests are skipped, in one line. make check shows
// it: go test says nothing about tests that are skipped.
func TestVirtualTimeIsToBeHad(t *testing.T) {
	err := isTried(runtime.Version(), runtime.GOOS, triedWith)
	if err == nil {
		return
	}
	files := virtualFiles(t)
	if len(files) < 5 {
		t.Errorf("only %q need virtual time: are the names right?", files)
	}
	fmt.Printf("note: no virtual time (%v, see internal/fedtest/bubble.go), so these tests do not run: %s\n",
		err, strings.Join(files, ", "))
}

// virtualFiles returns the test files of the repository that need virtual time.
func virtualFiles(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte("fedtest.Bubble(")) ||
			bytes.Contains(content, []byte("fedtest.NeedVirtualTime(")) {
			files = append(files, strings.TrimPrefix(filepath.ToSlash(path), "../../"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
