package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
)

// Who starts a relay as one user, and writes its files as another, learns who is who.
func TestWhoMayNotReadAFileIsNamed(t *testing.T) {
	err := unreadable(&fs.PathError{Op: "open", Path: "fedrelay.yaml", Err: syscall.EACCES})
	want := fmt.Sprintf("permission denied for user %d of groups ", os.Geteuid())
	if !strings.HasPrefix(err.Error(), want) || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v, want %q", err, want)
	}
	if err := unreadable(&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}); err.Error() != "no such file or directory" {
		t.Error(err)
	}
}
