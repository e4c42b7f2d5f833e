//go:build !linux

package child

import "syscall"

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitEnd would wait for a child and leave it its number.
func awaitEnd(int) bool { return false }
