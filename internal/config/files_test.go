package config

import (
	"strings"
	"testing"
)

func TestFilesThatMayComeLaterAreNoMistake(t *testing.T) {
	text := "cluster: london\nfederation: {servers: [a], creds: /nonexistent/relay.creds}\ncollective: {servers: [b]}\n"
	if _, err := loadText(t, text, func(s *Sources) { s.FilesLater = true }); err != nil {
		t.Error(err)
	}
	if _, err := loadText(t, text, nil); err == nil || !strings.Contains(err.Error(), "/nonexistent/relay.creds: no such file") {
		t.Error(err)
	}
}

func TestMistakesThatOthersFindHaveTheirPlace(t *testing.T) {
	r, err := loadText(t, "cluster: london\nfederation:\n  servers: [a]\n  creds: relay.creds\ncollective: {servers: [b]}\n", func(s *Sources) { s.SkipFiles = true })
	if err != nil {
		t.Fatal(err)
	}
	p := r.Problem("federation.creds", "relay.creds: holds nothing")
	if got := p.Line(); !strings.HasSuffix(got, ":4:10: federation.creds: relay.creds: holds nothing") || !strings.Contains(p.Error(), "creds: relay.creds\n") {
		t.Error(p)
	}
	all := Problems{p}.With(r.Problem("federation.creds", "again"), r.Problem("federation.tls.ca", "missing"))
	if len(all) != 2 {
		t.Error(all)
	}
}
