//go:build unix

package natscontext

import (
	"path/filepath"
	"syscall"
	"testing"
)

func TestOnlyRegularFilesAreRead(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.json")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, "/dev/zero", t.TempDir()} {
		if _, err := read(path); err == nil {
			t.Errorf("%s was read", path)
		}
		if _, err := ref(path).content(); err == nil {
			t.Errorf("%s was read as a secret", path)
		}
	}
}
