package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fedrelay/fedrelay/internal/config"
)

func TestChangesNameWhatDiffersAndNoSecret(t *testing.T) {
	old, now := config.Default(), config.Default()
	old.Federation.Servers, old.Allow.Replies = []string{"nats://a:secret1@one:4222"}, []string{}
	now.Federation.Servers = []string{"nats://a:secret2@one:4222", "two"}
	now.Collective.User, now.Collective.Password = "bob", "secret3"
	old.Line.Token, now.Line.Token = "secret4", "secret5"
	now.Federation.Token = "${file:/run/secrets/token}"
	now.Limits.FanoutBytes, now.Drain.Timeout, now.Cluster = 1<<20, time.Minute, "london"
	var got []string
	for _, c := range config.Changes(old, now) {
		line := c.String()
		if c.Restart != "" {
			line += "; needs a restart"
		}
		got = append(got, line)
	}
	want := []string{
		`cluster: "" -> london; needs a restart`,
		`federation.servers: ['nats://(hidden)@one:4222'] -> ['nats://(hidden)@one:4222', two]`,
		`federation.token: "" -> ${file:/run/secrets/token}`,
		`collective.user: "" -> bob`,
		`collective.password: "" -> (redacted)`,
		`line.token: (redacted) has changed`,
		`limits.fanout_bytes: 256MiB -> 1MiB`,
		`drain.timeout: 30s -> 1m`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if strings.Contains(strings.Join(got, ""), "secret1") {
		t.Error("a secret is shown")
	}
	if all := config.Changes(old, old); len(all) > 0 {
		t.Errorf("a configuration differs from itself: %v", all)
	}
}

func TestEachSettingSaysWhetherAReloadChangesIt(t *testing.T) {
	restart := map[string]bool{}
	for _, k := range config.Keys() {
		restart[k.Path] = k.Restart != ""
		if !config.Tagged(k.Path) {
			t.Errorf(`%s has neither the tag reload:"yes" nor restart:"why", nor has its section. `+
				`If a reload is to change it, relay.Process.Reload has to apply it`, k.Path)
		}
	}
	for path, want := range map[string]bool{
		"cluster": true, "edge.wire": true, "pipeline.depth": true, "federation.name": true, "line.name": true,
		"federation.tls.ca": false, "limits.targets": false, "log.level": false,
	} {
		if restart[path] != want {
			t.Errorf("%s needs a restart: %v", path, restart[path])
		}
	}
}
