//go:build linux && !norawio && race

package rawio

import (
	"syscall"
	"unsafe"
)

// The race detector knows the calls of package syscall: what a goroutine does before it writes to a
// socket is over when another has read that.

func read(fd uintptr, p []byte) (n int, errno syscall.Errno) {
	return result(syscall.Read(int(fd), p))
}

func write(fd uintptr, p []byte) (n int, errno syscall.Errno) {
	return result(syscall.Write(int(fd), p))
}

// writev writes the first piece only.
func writev(fd uintptr, v []syscall.Iovec) (n int, errno syscall.Errno) {
	return write(fd, unsafe.Slice(v[0].Base, v[0].Len))
}

func result(n int, err error) (int, syscall.Errno) {
	errno, _ := err.(syscall.Errno)
	return max(0, n), errno
}
