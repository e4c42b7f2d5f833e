package relay_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
)

// All that is recorded of the incumbent, and the table of conformance, hold for relays that seal,
// and for those that carry nothing without a seal. The other conformance tests do so, too:
//
//	FEDTEST_RETURN_ADDRESS=require go test -run 'TestConformance|TestVectors' ./internal/relay
func TestConformanceAndVectorsWithSeals(t *testing.T) {
	if os.Getenv(returnAddress) != "" || testing.Short() {
		t.Skip("this is the run with seals, or has to be short")
	}
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{config.ReturnSealed, config.ReturnRequire} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			run := exec.CommandContext(t.Context(), program, "-test.run", "^(TestConformanceTable.*|TestVectors.*)$")
			run.Env = append(os.Environ(), returnAddress+"="+mode)
			out, err := run.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "PASS") {
				t.Errorf("%v\n%s", err, clip(string(out)))
			}
		})
	}
}
