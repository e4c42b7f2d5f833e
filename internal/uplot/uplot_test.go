package uplot

import (
	"strings"
	"testing"
)

// Who renews the files must renew the version, too: it is in lists of licences.
func TestTheFilesAreOfTheVersion(t *testing.T) {
	first, _, _ := strings.Cut(Script, "\n")
	if !strings.Contains(first, "(v"+Version+")") {
		t.Error(first)
	}
	if !strings.Contains(Inline(), "Copyright (c)") || strings.Contains(License, "*/") {
		t.Error("the licence does not go along")
	}
}
