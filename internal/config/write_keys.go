package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/fedrelay/fedrelay/internal/seal"
)

// CreateKeys writes a new key file, which only its owner can read. It is an error if the file
// exists.
func CreateKeys(path string, keys *seal.Keys) error {
	temporary, err := writeBeside(path, keys, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(temporary)
	return linkReason(os.Link(temporary, path)) // unlike a rename it never replaces a file
}

// ReplaceKeys writes a key file in the place of another one. Whoever reads it meanwhile reads the
// one or the other. The owner and the mode stay. A symbolic link stays, too, and the file that it
// leads to is replaced.
func ReplaceKeys(path string, keys *seal.Keys) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return reason(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return reason(err)
	}
	temporary, err := writeBeside(path, keys, info.Mode().Perm())
	if err != nil {
		return err
	}
	defer os.Remove(temporary) // fails if it was renamed
	if err := giveTo(temporary, info); err != nil {
		return err
	}
	return linkReason(os.Rename(temporary, path))
}

// writeBeside writes a file into the folder of path, and returns its path.
func writeBeside(path string, keys *seal.Keys, mode fs.FileMode) (temporary string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", reason(err)
	}
	_, err = f.Write(keys.AppendFile(nil))
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		os.Remove(f.Name())
		return "", reason(err)
	}
	return f.Name(), nil
}

// giveTo makes the owner of a file that of another one, if it is not already.
func giveTo(path string, other fs.FileInfo) error {
	owner, ok := other.Sys().(*syscall.Stat_t)
	info, err := os.Stat(path)
	if err != nil || !ok {
		return err
	}
	if now, ok := info.Sys().(*syscall.Stat_t); ok && now.Uid == owner.Uid && now.Gid == owner.Gid {
		return nil
	}
	if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("cannot keep its owner (user %d, group %d): %w; run this as that user or as root",
			owner.Uid, owner.Gid, reason(err))
	}
	return nil
}

// linkReason returns an error of os.Link or os.Rename without the paths.
func linkReason(err error) error {
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}
