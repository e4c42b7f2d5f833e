package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
)

// needed completes a configuration of which a document shows a part.
var needed = []struct{ key, text string }{
	{"cluster", "cluster: london\n"},
	{"federation", "federation: {servers: [nats://127.0.0.1:4300]}\n"},
	{"collective", "collective: {servers: [nats://127.0.0.1:4301]}\n"},
}

func TestEachConfigurationPasses(t *testing.T) {
	shown := 0
	for _, file := range documents(t) {
		for _, b := range blocks(t, file, "yaml") {
			if b.info != "yaml" {
				continue // of another program
			}
			shown++
			path := filepath.Join(t.TempDir(), "fedrelay.yaml")
			if err := os.WriteFile(path, []byte(complete(b.text)), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := config.Resolve(config.Sources{File: path, SkipFiles: true}); err != nil {
				t.Errorf("%s:%d: %v", b.file, b.line, err)
			}
		}
	}
	if shown < 5 {
		t.Errorf("only %d", shown)
	}
}

// complete adds the settings that a part of a configuration of a relay lacks.
func complete(part string) string {
	if hasKey(part, "edge") {
		return part
	}
	for _, n := range needed {
		if !hasKey(part, n.key) {
			part = n.text + part
		}
	}
	return part
}

func hasKey(text, key string) bool { return strings.Contains("\n"+text, "\n"+key+":") }
