package natscontext

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// largestFile is how many bytes a context, or what it refers to, may have.
const largestFile = 1 << 20

// readRegular is os.ReadFile for regular files that are not too large. It does not block for a pipe
// that nobody writes.
func readRegular(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("is no regular file")}
	}
	content, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	if len(content) > largestFile {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("has more than %d bytes", largestFile)}
	}
	return content, err
}
