package main

import (
	"log/slog"
	"math"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"github.com/fedrelay/fedrelay/internal/config"
)

// memoryLimit is what this process may use: the smaller one of GOMEMLIMIT and the limit of the
// control group.
func memoryLimit() config.Memory {
	var m config.Memory
	if n := debug.SetMemoryLimit(-1); n < math.MaxInt64 {
		m = config.Memory{Bytes: config.Size(n), Source: "GOMEMLIMIT"}
	}
	n, err := memlimit.FromCgroup()
	limited := err == nil && n < math.MaxInt64
	if limited && (m.Bytes == 0 || config.Size(n) < m.Bytes) {
		m = config.Memory{Bytes: config.Size(n), Source: "the control group"}
	}
	return m
}

// limitMemory follows the limit of the control group, where there is one and GOMEMLIMIT is not set:
// 90 % of it, as the rest is for stacks and the kernel.
func limitMemory(log *slog.Logger) {
	if limit, err := memlimit.Set(); err == nil && limit < math.MaxInt64 {
		log.Debug("memory limit of the control group", "bytes", limit)
	}
}
