// Package tools is for tests that need a program which is neither Go, make, gcc nor git: a browser,
// promtool, a package manager. It also has terminals for programs that want one.
//
// `make tools` installs such programs where it can. `make check` does so first, and sets
// FEDTEST_TOOLS=required if it could: then a test whose program is missing fails.
package tools

import (
	"os"
	"os/exec"
	"testing"
)

// required says that all programs are there, so that a missing one is a mistake.
const required = "FEDTEST_TOOLS"

// Need returns the path of a program. If there is none, the test is skipped, or fails where all
// programs are required.
func Need(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv(required) == "required":
		t.Fatalf("%v, although %s says that make tools has installed all programs", err, required)
	default:
		t.Skipf("%v: make tools installs it", err)
	}
	return ""
}
