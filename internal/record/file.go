package record

import (
	"bufio"
	"fmt"
	"io"
	"os"
)

// WriteFile writes a run to a file, see ReplaceFile.
func WriteFile(name string, run *Run) error {
	return ReplaceFile(name, func(w io.Writer) error { return Write(w, run) })
}

// ReplaceFile writes a new file, which takes the place of name when it is complete. What is not a
// regular file, like a pipe or /dev/null, it writes to directly.
func ReplaceFile(name string, write func(io.Writer) error) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return writeTo(name, write)
	}
	unfinished := fmt.Sprintf("%s.%d.tmp", name, os.Getpid())
	err := writeTo(unfinished, write)
	if err == nil {
		err = os.Rename(unfinished, name)
	}
	if err != nil {
		_ = os.Remove(unfinished)
	}
	return err
}

func writeTo(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // for the early returns; a second time does nothing
	buffered := bufio.NewWriterSize(f, 256<<10)
	if err := write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// ReadFile reads the run in a file.
func ReadFile(name string) (*Run, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	run, err := Read(bufio.NewReaderSize(f, 256<<10))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return run, nil
}
