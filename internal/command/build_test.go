package command

import "testing"

func TestTheLinkersVersionWins(t *testing.T) {
	if got := ReadBuild("v9.8.7").Version; got != "v9.8.7" {
		t.Errorf("version %q", got)
	}
}
