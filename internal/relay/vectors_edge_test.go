package relay_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// An edgeCase is one hand-made message, and what the incumbent did with it.
type edgeCase struct {
	Case       string     `json:"case"`
	What       string     `json:"what"`
	Input      recorded   `json:"input"`
	Outputs    []recorded `json:"outputs"`
	Count      int        `json:"output_count"` // if outputs are only the first and the last
	InOrder    bool       `json:"outputs_in_target_order"`
	Identical  bool       `json:"outputs_byte_identical"`
	Complaints []string   `json:"peer_complaints"`
}

func readEdgeCases(t *testing.T) []edgeCase {
	t.Helper()
	cases := readLines[edgeCase](t, "edge-cases/broker-edge-cases.jsonl")
	bases := make(map[string]string)
	for i := range cases {
		c := &cases[i]
		bases[c.Case] = c.Input.Data
		if c.Input.Recipe != "" {
			base := bases[c.Case[:1]+"00"]
			c.Input.Data = cook(t, c.Input, base)
			c.expand(t, cases)
		}
	}
	return cases
}

const smallData = "eyJvcGFxdWUiOiJwYXlsb2FkIn0="

var (
	recipeBytes   = regexp.MustCompile(`N = (\d+)$`)
	recipeTargets = regexp.MustCompile(`n(\d{5})(?:\.\.n|\S* for NNNNN = \d{5}\.\.)(\d{5})`)
)

// cook makes a large input from its recipe and checks that it is the one that was recorded.
func cook(t *testing.T, m recorded, base string) string {
	t.Helper()
	if m.Recipe == "'[' repeated 100000 times" {
		base = strings.Repeat("[", 100_000)
	}
	if n := recipeBytes.FindStringSubmatch(m.Recipe); n != nil {
		size, _ := strconv.Atoi(n[1])
		base = strings.Replace(base, smallData, base64.StdEncoding.EncodeToString([]byte(strings.Repeat("A", size))), 1)
	}
	if n := recipeTargets.FindStringSubmatch(strings.Replace(m.Recipe, "nNNNNN.example.net", "n00000.example.net", 1)); n != nil {
		last, _ := strconv.Atoi(n[2])
		base = strings.Replace(base, "mcollective.node.web1.ldn.example.net", strings.Join(numbered(last+1), `","`), 1)
	}
	if sum := sha256.Sum256([]byte(base)); hex.EncodeToString(sum[:]) != m.SHA256 || len(base) != m.Bytes {
		t.Fatalf("%q makes %d bytes, want %d: %s", m.Recipe, len(base), m.Bytes, clip(base))
	}
	return base
}

func numbered(n int) (targets []string) {
	for i := range n {
		targets = append(targets, fmt.Sprintf("mcollective.node.n%05d.example.net", i))
	}
	return targets
}

// expand writes out what the recording of a large case leaves out: the payloads, which are those of
// the control case with other data, and the outputs between the first and the last.
func (c *edgeCase) expand(t *testing.T, all []edgeCase) {
	t.Helper()
	if len(c.Outputs) == 0 {
		return
	}
	control := all[slices.IndexFunc(all, func(o edgeCase) bool { return o.Case == c.Case[:1]+"00" })]
	for i := range c.Outputs {
		o := &c.Outputs[i]
		if o.Data != "" {
			continue
		}
		o.Data = strings.Replace(control.Outputs[0].Data, smallData, dataOf(c.Input.Data), 1)
		if len(o.Data) != o.Bytes {
			t.Fatalf("%s: the output has %d bytes, recorded were %d", c.Case, len(o.Data), o.Bytes)
		}
	}
	if c.Count > len(c.Outputs) {
		if !c.InOrder || !c.Identical {
			t.Fatalf("%s: what lies between the first and the last is not known", c.Case)
		}
		c.Outputs = slices.Repeat(c.Outputs[:1], c.Count)
		for i, subject := range numbered(c.Count) {
			c.Outputs[i].Subject = subject
		}
	}
}

func dataOf(message string) string {
	_, rest, _ := strings.Cut(message, `"data":"`)
	data, _, _ := strings.Cut(rest, `"`)
	return data
}

// What a relay makes of the recorded edge cases: in strict mode as the tables say, in peer mode as
// the incumbent but for what a table lists with its reason.
func TestVectorsEdgeCases(t *testing.T) {
	skipWithoutVectors(t)
	for mode, verdicts := range map[string]map[string]verdict{"strict": strictEdges(), "peer": peerEdges()} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, embedded.Options{}, asRecorded("production", "fb1.ldn.example.net", mode))
			left := maps.Clone(verdicts)
			for _, c := range readEdgeCases(t) {
				t.Run(c.Case, func(t *testing.T) { b.judge(t, c.vector(), take(left, c.Case)) })
			}
			for name := range left {
				t.Errorf("there is no case %q", name)
			}
			if err := b.relay.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

func (c *edgeCase) vector() vector { return vector{name: c.Case, input: c.Input, outputs: c.Outputs} }

// take removes and returns the verdict about a case, nil if there is none.
func take(verdicts map[string]verdict, name string) *verdict {
	v, ok := verdicts[name]
	delete(verdicts, name)
	if !ok {
		return nil
	}
	return &v
}
