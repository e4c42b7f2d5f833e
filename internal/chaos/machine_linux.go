package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// mount makes path a disk in memory, of a mebibyte. That needs a right which root has.
func mount(path string) error {
	return syscall.Mount("fedrelay-chaos", path, "tmpfs", 0, "size=1m")
}

// unmount does not fail while files are open there: it goes with the last one.
func unmount(path string) { _ = syscall.Unmount(path, syscall.MNT_DETACH) }

// limitMemory makes control groups for so many processes, and returns what their paths begin
// with: a number follows, from 1. It returns "" where it may not make them. tidy removes them when
// nobody is in them any more.
func limitMemory(bytes int64, n int) (prefix string, tidy func()) {
	for _, kind := range []struct{ folder, limit string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, {"/sys/fs/cgroup", "memory.max"},
	} {
		prefix = filepath.Join(kind.folder, fmt.Sprintf("fedrelay-chaos-%d-", os.Getpid()))
		made := 0
		for made < n {
			group := prefix + strconv.Itoa(made+1)
			if os.Mkdir(group, 0o755) != nil {
				break
			}
			made++
			if os.WriteFile(filepath.Join(group, kind.limit), []byte(strconv.FormatInt(bytes, 10)), 0) != nil {
				break
			}
			if made == n {
				return prefix, func() { removeGroups(prefix, n) }
			}
		}
		removeGroups(prefix, made)
	}
	return "", func() {}
}

func removeGroups(prefix string, n int) {
	for i := range n {
		_ = os.Remove(prefix + strconv.Itoa(i+1)) // an empty group costs nothing
	}
}
