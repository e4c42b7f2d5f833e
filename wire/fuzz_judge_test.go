package wire

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzJudge looks for lists of targets, one a line, of which a Judge judges one in another way than
// Rules do.
func FuzzJudge(f *testing.F) {
	for i, s := range subjectSeeds {
		f.Add([]byte("eu.node.web1\nmcollective.node.web2.example.net\n"+s+"\n"+s+".x"), i%2 == 0, "", "")
		f.Add([]byte("choria.x.y\neu.node.web2.example.net\neu.node."+s+"\n"+s), i%2 == 1, "eu us choria", "us")
	}
	f.Fuzz(func(t *testing.T, lines []byte, peer bool, allow, deny string) {
		rules := Rules{
			MaxLength: 64,
			Peer:      peer,
			Allow:     strings.Fields(allow),
			Deny:      strings.Fields(deny),
		}
		judge := rules.Judge()
		for _, target := range bytes.Split(lines, []byte("\n")) {
			if got, want := judge.Target(target), obviousTarget(&rules, string(target)); got != want {
				t.Fatalf("%q: %q, want %q, in %q", target, got, want, lines)
			}
		}
	})
}
