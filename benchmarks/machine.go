package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
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

// versions are those of the relay, of Go and of the NATS packages.
func versions(ctx context.Context, relay string) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	all := map[string]string{"go": runtime.Version()}
	if out, err := exec.CommandContext(ctx, relay, "version").Output(); err == nil {
		first, _, _ := strings.Cut(string(out), "\n")
		all["fedrelay"] = strings.TrimSpace(strings.TrimPrefix(first, "fedrelay "))
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return all
	}
	for _, d := range info.Deps {
		if _, name, ok := strings.Cut(d.Path, "github.com/nats-io/"); ok && strings.HasPrefix(name, "nats") {
			all[strings.TrimSuffix(name, "/v2")] = d.Version
		}
	}
	return all
}
