package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// machine says what the figures depend on. It does not say whose machine it is.
func machine() map[string]string {
	return map[string]string{
		"system":    runtime.GOOS + "/" + runtime.GOARCH,
		"processor": lineOf("/proc/cpuinfo", "model name"),
		"cores":     strconv.Itoa(runtime.NumCPU()),
		"memory":    lineOf("/proc/meminfo", "MemTotal"),
		"kernel":    kernel(),
	}
}

// kernel is the version of the kernel, without what the owner of the machine has added to it.
func kernel() string {
	content, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	number, _, _ := strings.Cut(strings.TrimSpace(string(content)), "-")
	return number
}

func lineOf(path, key string) string {
	content, _ := os.ReadFile(path)
	for line := range strings.Lines(string(content)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
