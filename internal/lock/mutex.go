//go:build !pooldebug

package lock

import "sync"

// A Mutex is a sync.Mutex.
type Mutex[Class any] = sync.Mutex
