package main

import "runtime/debug"

// collectLess trades memory for CPU time that the relay can have: messages are garbage as soon as they are counted. Up to the
// limit the heap may grow to five times what is in use; near it the collector works as hard as it must.
func collectLess() {
	const limit = 3 << 29 // 1.5 GiB
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(limit)
}
