//go:build !linux

package chaos

import "errors"

func mount(string) error { return errors.New("not on this system") }

func unmount(string) {}

func limitMemory(int64, int) (prefix string, tidy func()) { return "", func() {} }
