package config

import (
	"strings"
	"testing"
)

// The setting was a boolean once, and its spellings still hold.
func TestPublishIsAutoOrABoolean(t *testing.T) {
	if p := Default().Stats.Publish; p != PublishAuto {
		t.Errorf("default %q", p)
	}
	for text, want := range map[string]Publish{"auto": PublishAuto, "true": PublishTrue, "false": PublishFalse, `"true"`: PublishTrue} {
		path := t.TempDir() + "/fedrelay.yaml"
		write(t, path, "cluster: london\nfederation: {servers: [c1]}\nstats: {publish: "+text+"}")
		r, err := Resolve(Sources{File: path, Hostname: "h", Operator: true})
		if err != nil || r.Config.Stats.Publish != want {
			t.Errorf("%s: %q, %v", text, r.Config.Stats.Publish, err)
		}
	}
	_, err := Resolve(Sources{Environ: []string{"FEDRELAY_STATS_PUBLISH=maybe"}, SkipFiles: true, Hostname: "h", Operator: true})
	if err == nil || !strings.Contains(err.Error(), `"maybe": want auto, true or false`) {
		t.Error(err)
	}
}
