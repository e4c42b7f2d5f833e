//go:build !norawio

package rawio

import "testing"

func TestATCPConnectionOnLinuxIsRaw(t *testing.T) {
	ours, _ := wired(t)
	if !New(ours).Raw() {
		t.Error("it is not")
	}
}
