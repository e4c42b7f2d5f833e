package relay_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// A conversationLine is one message between a real client, the incumbent and real nodes.
type conversationLine struct {
	recorded
	Seq    int    `json:"seq"`
	Leg    string `json:"leg"`
	Broker string `json:"broker"` // input, output or none
	SameAs int    `json:"data_same_as"`
}

// Every message that the incumbent published is published byte for byte, but for the name in the
// hop, when a relay is given what the incumbent was given; and nothing else is.
func TestVectorsConversations(t *testing.T) {
	skipWithoutVectors(t)
	files, err := filepath.Glob(filepath.Join(vectorsDir, "conversations", "*.jsonl"))
	if err != nil || len(files) < 13 {
		t.Fatalf("%d conversations: %v", len(files), err)
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, embedded.Options{}, func(c *config.Config) {
				asRecorded("production", "fb1.ldn.example.net", mode)(c)
				c.Trace = "preserve" // every client writes a hop of its own
			})
			for _, file := range files {
				name := filepath.Base(file)
				t.Run(name, func(t *testing.T) { b.converse(t, readConversation(t, name)) })
			}
		})
	}
}

func readConversation(t *testing.T, name string) []conversationLine {
	t.Helper()
	lines := readLines[conversationLine](t, filepath.Join("conversations", name))
	for i, l := range lines {
		if l.Seq != i+1 {
			t.Fatalf("line %d has number %d", i+1, l.Seq)
		}
		if l.SameAs > 0 {
			lines[i].Data = lines[l.SameAs-1].Data
		}
	}
	return lines
}

// converse sends each input and strikes what comes of it off the outputs.
func (b *bench) converse(t *testing.T, lines []conversationLine) {
	var expected []conversationLine
	for _, l := range lines {
		if l.Broker == "output" {
			expected = append(expected, l)
		}
	}
	if len(expected) == 0 {
		t.Fatal("nothing is expected")
	}
	for _, l := range lines {
		if l.Broker == "output" {
			continue
		}
		seen := b.carry(t, l.Side, l.msg())
		if want := b.wanted(t, l); !slices.Equal(subjectsOf(seen), want) {
			t.Errorf("line %d went to %q, want %q", l.Seq, clipAll(subjectsOf(seen)), clipAll(want))
		}
		for _, s := range seen {
			checkPlain(t, s.Msg)
			expected = b.strike(t, expected, s, l)
		}
	}
	for _, l := range expected {
		t.Errorf("line %d was not published: %s", l.Seq, l.Subject)
	}
}

// wanted are the subjects that an input must go to, in their order.
func (b *bench) wanted(t *testing.T, l conversationLine) []string {
	t.Helper()
	if l.Broker == "none" {
		return nil
	}
	var v struct {
		Headers struct {
			Federation struct {
				Target, Targets []string
				ReplyTo         string `json:"reply-to"`
				Reply           string
			}
		}
	}
	if err := json.Unmarshal([]byte(l.Data), &v); err != nil {
		t.Fatal(err)
	}
	f := v.Headers.Federation
	if l.Leg == "reply" {
		return []string{f.ReplyTo + f.Reply}
	}
	return slices.Concat(f.Target, f.Targets)
}

// strike removes the first of the outputs that is what was seen. The incumbent's requests
// interleave, replies may overtake each other: which one of equal subjects comes first is nobody's
// promise.
func (b *bench) strike(t *testing.T, expected []conversationLine, s sighting, input conversationLine) []conversationLine {
	t.Helper()
	for i, l := range expected {
		alike := l.Side == s.side && l.Subject == s.Subject && withHop(l.Data, b.hops[input.Side]) == string(s.Data)
		if alike && l.Seq > input.Seq {
			return slices.Delete(slices.Clone(expected), i, i+1)
		}
	}
	t.Errorf("line %d: the incumbent published nothing like it to %s:\n%s", input.Seq, s.Subject, clip(string(s.Data)))
	return expected
}

func subjectsOf(seen []sighting) (subjects []string) {
	for _, s := range seen {
		subjects = append(subjects, s.Subject)
	}
	return subjects
}

// The recordings prove something only if they hold enough outputs, and hops that can be told apart.
func TestVectorsConversationsHoldWhatTheySay(t *testing.T) {
	skipWithoutVectors(t)
	files, err := filepath.Glob(filepath.Join(vectorsDir, "conversations", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	outputs := 0
	for _, file := range files {
		for _, l := range readConversation(t, filepath.Base(file)) {
			if l.Broker != "output" {
				continue
			}
			outputs++
			if !strings.Contains(withHop(l.Data, "[HOP]"), "[HOP]") {
				t.Errorf("%s line %d: no hop of the incumbent", file, l.Seq)
			}
		}
	}
	if outputs != 496 {
		t.Errorf("%d outputs, want 496", outputs)
	}
}
