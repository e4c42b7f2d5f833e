//go:build unix

package link

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fedrelay/fedrelay/internal/natstest"
)

// A pipe without a writer would block the check of a configuration, and each connect, for ever; a
// device would fill the memory.
func TestCredentialsThatAreNoFilesAreRefused(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	natstest.Succeeds(t, syscall.Mkfifo(pipe, 0o600))
	for _, path := range []string{pipe, "/dev/zero", "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"} {
		_, err := readFile("federation.creds", path)
		if err == nil || strings.Contains(err.Error(), "SUACS") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
