//go:build linux && !norawio && !race

package rawio

import (
	"syscall"
	"unsafe"
)

// The calls do not block, because the sockets of package net never do. Neither p nor v is empty. n
// is 0 with an error.

func read(fd uintptr, p []byte) (n int, errno syscall.Errno) {
	return result(syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p))))
}

func write(fd uintptr, p []byte) (n int, errno syscall.Errno) {
	return result(syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p))))
}

func writev(fd uintptr, v []syscall.Iovec) (n int, errno syscall.Errno) {
	return result(syscall.RawSyscall(syscall.SYS_WRITEV, fd, uintptr(unsafe.Pointer(&v[0])), uintptr(len(v))))
}

func result(n, _ uintptr, errno syscall.Errno) (int, syscall.Errno) { return max(0, int(n)), errno }
