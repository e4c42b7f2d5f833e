//go:build !pooldebug

package lock

import "sync"

var _ *sync.Mutex = new(Mutex[any]) // nothing but a sync.Mutex is in the programs
