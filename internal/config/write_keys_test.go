package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/seal"
)

func someKeys(t *testing.T) *seal.Keys {
	t.Helper()
	keys, err := seal.NewKeys(seal.Generate(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// mustHold fails unless the file holds the keys with a mode, and is alone in its folder but for
// others.
func mustHold(t *testing.T, path string, keys *seal.Keys, mode fs.FileMode, others int) {
	t.Helper()
	got, err := ReadKeys(path)
	if err != nil || got.All()[0] != keys.All()[0] {
		t.Errorf("other keys (%v)", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != mode {
		t.Errorf("mode %v (%v)", info.Mode(), err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1+others {
		t.Errorf("files are left: %v", left)
	}
}

func TestKeyFilesAreWrittenWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	first, second := someKeys(t), someKeys(t)
	if err := CreateKeys(path, first); err != nil {
		t.Fatal(err)
	}
	mustHold(t, path, first, 0o600, 0)
	if err := CreateKeys(path, second); !errors.Is(err, fs.ErrExist) {
		t.Errorf("created again: %v", err)
	}
	mustHold(t, path, first, 0o600, 0)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceKeys(path, second); err != nil {
		t.Fatal(err)
	}
	mustHold(t, path, second, 0o640, 0)
}

func TestALinkToAKeyFileStays(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(CreateKeys(file, someKeys(t)), os.Symlink("file", link)); err != nil {
		t.Fatal(err)
	}
	keys := someKeys(t)
	if err := ReplaceKeys(link, keys); err != nil {
		t.Fatal(err)
	}
	mustHold(t, file, keys, 0o600, 1)
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("no link any more: %v", err)
	}
}

func TestTheOwnerOfAKeyFileStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	if err := CreateKeys(path, someKeys(t)); err != nil {
		t.Fatal(err)
	}
	const somebody = 4242
	if err := os.Chown(path, somebody, somebody); err != nil {
		t.Skip("only root can give files away")
	}
	keys := someKeys(t)
	if err := ReplaceKeys(path, keys); err != nil {
		t.Fatal(err)
	}
	mustHold(t, path, keys, 0o600, 0)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t); owner.Uid != somebody || owner.Gid != somebody {
		t.Errorf("owner %d, group %d", owner.Uid, owner.Gid)
	}
}

func TestKeyFilesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{fifo: "pipe or device", dir: "directory", filepath.Join(dir, "no"): "no such file"} {
		if _, err := ReadKeys(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := ReplaceKeys(filepath.Join(dir, "no"), someKeys(t)); err == nil {
		t.Error("replaced what is not there")
	}
}
