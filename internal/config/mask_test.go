package config

import (
	"strings"
	"testing"
)

// A login may stand in an address in any form that is accepted, or mistyped.
func TestALoginInAnAddressIsHidden(t *testing.T) {
	for text, want := range map[string]string{
		"nats://user:s3cr3t@h:4222":         "nats://(hidden)@h:4222",
		"user:s3cr3t@h:4222":                "(hidden)@h:4222",
		"nats://user:x,s3cr3t@h:4222":       "nats://(hidden)@h:4222",
		"nats://us er:s3cr3t@h:4222":        "nats://(hidden)@h:4222",
		"user:x/s3cr3t@h":                   "(hidden)@h",
		"h:4222":                            "h:4222",
		`servers: ["user:s3cr3t@h", "h2"]`:  `servers: ["(hidden)@h", "h2"]`,
		`servers: [user:s3cr3t@h]`:          `servers: [(hidden)@h]`,
		`servers: ["tls://us er:s3cr3t@h"]`: `servers: ["tls://(hidden)@h"]`,
	} {
		if got := maskURL(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	two := Config{Cluster: "c", Federation: Side{Servers: []string{"user:s3cr3t@a:1", "nats://u:s3cr3t@b:2", "d:3"}}}
	if got := two.Summary(); strings.Contains(got, "s3cr3t") || !strings.Contains(got, "(hidden)@a:1,nats://(hidden)@b:2,d:3") {
		t.Errorf("summary %s", got)
	}
}
