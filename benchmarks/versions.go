package main

import (
	"context"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

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
