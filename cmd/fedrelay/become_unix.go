//go:build unix

package main

import (
	"fmt"
	"os"
	"syscall"
)

// become replaces this process by a program, which gets its terminal, its signals and its exit
// code. It returns only if that fails.
func become(path string, args []string) error {
	err := syscall.Exec(path, append([]string{path}, args...), os.Environ())
	return fmt.Errorf("%s: %w", path, err)
}
