package relay_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// rubyDir holds traffic of the Ruby client and of Ruby nodes, recorded on both sides of a relay.
const rubyDir = "../legacy/vectors/ruby-choria"

// relayHop is what a relay adds to a trace, whatever its servers are.
var relayHop = regexp.MustCompile(`\["[^"]*","[^"]* \(fedrelay:london\)","[^"]*"\]`)

// What two generations of the Ruby client and of Ruby nodes send passes with default settings: each
// federated request comes out as the recorded copies, each reply to one as the recorded answer.
func TestVectorsOfRubyPass(t *testing.T) {
	skipWithoutVectors(t)
	files, err := filepath.Glob(filepath.Join(vectorsDir, rubyDir, "*.jsonl"))
	if err != nil || len(files) < 7 {
		t.Fatalf("%d recordings: %v", len(files), err)
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, embedded.Options{}, func(c *config.Config) { c.Compat = mode })
			for _, file := range files {
				name := filepath.Base(file)
				t.Run(name, func(t *testing.T) { b.replay(t, readLines[recorded](t, filepath.Join(rubyDir, name))) })
			}
			if err := b.relay.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// replay gives a relay what the recorded one was given and holds what comes of it against what came
// of it then.
func (b *bench) replay(t *testing.T, lines []recorded) {
	t.Helper()
	type copied struct {
		side             side
		subject, payload string
	}
	published := make(map[copied]int)
	inputs := 0
	for _, l := range lines {
		if b.subjects[l.Side] != l.Subject {
			continue
		}
		inputs++
		for _, s := range b.carry(t, l.Side, l.msg()) {
			checkPlain(t, s.Msg)
			published[copied{s.side, s.Subject, relayHop.ReplaceAllString(string(s.Data), "[]")}]++
		}
	}
	outputs := 0
	for _, l := range lines {
		if !relayed(l) {
			continue
		}
		outputs++
		was := copied{l.Side, l.Subject, relayHop.ReplaceAllString(string(l.msg().Data), "[]")}
		if published[was]--; published[was] < 0 {
			t.Errorf("not published on the %s: %s %s", l.Side, l.Subject, clip(was.payload))
		}
	}
	for c, n := range published {
		if n > 0 {
			t.Errorf("published %d times too often on the %s: %s %s", n, c.side, c.subject, clip(c.payload))
		}
	}
	if inputs == 0 || outputs == 0 {
		t.Errorf("%d inputs, %d outputs", inputs, outputs)
	}
}

// relayed reports whether a message was published by the recorded relay: nobody else answers on the
// federation side, and asks for answers on its subject.
func relayed(l recorded) bool {
	if l.Side == federation {
		return strings.Contains(l.Subject, ".reply.")
	}
	return strings.Contains(string(l.msg().Data), `"reply-to":"choria.federation.london.collective"`)
}
