package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"
)

// readText reads a regular file of at most most bytes of UTF-8. Anything else that a path can lead
// to (pipe, device, directory) is an error, and does not make it block.
func readText(path string, most int64) ([]byte, error) {
	if Masked(path) != path {
		return nil, errors.New("is the secret itself; give the path of a file that holds it")
	}
	// A named pipe without a writer would block the open for ever.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, unreadable(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, reason(err)
	}
	if err := regular(info, most); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, reason(err)
	}
	return content, textual(content, most)
}

// ReadCredential reads a file of certificates, keys or credentials. It does not block, and refuses
// what is no regular file, what is too large and what is no text. An error does not name the path.
func ReadCredential(path string) ([]byte, error) { return readText(path, maxCredentialFile) }

// readConfig is readText for files that people edit. It drops the byte order mark with which some
// editors begin a file.
func readConfig(path string) ([]byte, error) {
	content, err := readText(path, maxFile)
	return withoutMark(content), err
}

func withoutMark(content []byte) []byte { return bytes.TrimPrefix(content, []byte("\ufeff")) }

func regular(info fs.FileInfo, most int64) error {
	switch {
	case info.IsDir():
		return errors.New("is a directory, want a file")
	case !info.Mode().IsRegular():
		return errors.New("is a pipe or device, want a regular file")
	case info.Size() > most:
		return fmt.Errorf("has %d bytes, want at most %d", info.Size(), most)
	}
	return nil
}

// textual checks the size again: the file may have grown since it was measured.
func textual(content []byte, most int64) error {
	if int64(len(content)) > most {
		return fmt.Errorf("has more than %d bytes", most)
	}
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
		return errors.New("is UTF-16; save it as UTF-8")
	}
	if i := firstBinary(content); i >= 0 {
		line := 1 + bytes.Count(content[:i], []byte("\n"))
		column := i - bytes.LastIndexByte(content[:i], '\n')
		return fmt.Errorf("is not a text file: line %d column %d is 0x%02x", line, column, content[i])
	}
	return nil
}

// firstBinary returns the offset of the first byte that is neither printable UTF-8 nor white space,
// or -1.
func firstBinary(content []byte) int {
	for i := 0; i < len(content); {
		r, size := utf8.DecodeRune(content[i:])
		control := r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f
		if control || r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// reason returns a file error without the operation and the path, which the message names already.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// unreadable is reason for a file that is to be read. It says who may not: a relay that is a
// service, or is in a container, is somebody else than who wrote the file.
func unreadable(err error) error {
	err = reason(err)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	groups, _ := os.Getgroups() // without these the sentence is still true
	groups = append(groups, os.Getegid())
	slices.Sort(groups)
	who := strings.Trim(fmt.Sprint(slices.Compact(groups)), "[]")
	return fmt.Errorf("%w for user %d of groups %s; let it read the file, or run as one who may", err, os.Geteuid(), who)
}

// A complete configuration has about 80 keys, three levels deep. A document beyond these bounds is
// no configuration, and its mistakes would fill screens.
const (
	maxFile     = 64 << 10
	maxKeys     = 400
	maxNesting  = 8
	maxElements = 10_000
)
