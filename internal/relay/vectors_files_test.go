package relay_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
)

// vectorsDir holds traffic recorded from the incumbent. It is not part of this repository.
const vectorsDir = "../../../shared/vectors"

// vectorFile opens a recording, or skips the test.
func vectorFile(t *testing.T, name string) *os.File {
	t.Helper()
	skipWithoutVectors(t)
	f, err := os.Open(filepath.Join(vectorsDir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func skipWithoutVectors(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(vectorsDir); errors.Is(err, fs.ErrNotExist) {
		t.Skip("../shared/vectors is absent: the recordings of the incumbent are not part of this repository")
	}
}

// readLines decodes a file of one JSON document a line.
func readLines[T any](t *testing.T, name string) (all []T) {
	t.Helper()
	lines := bufio.NewScanner(vectorFile(t, name))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return all
}

// A recorded message, as a plain subscriber saw it.
type recorded struct {
	Side    side        `json:"side"`
	Subject string      `json:"subject"`
	Reply   string      `json:"reply"`
	Headers [][2]string `json:"headers"`
	Data    string      `json:"data"`
	DataB64 []byte      `json:"data_b64"`

	// Of what is too large to be stored.
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
	Recipe string `json:"data_recipe"`
}

// UnmarshalText takes the names that the recordings use.
func (s *side) UnmarshalText(b []byte) error {
	switch string(b) {
	case "federation", "fed":
		*s = federation
	case "collective", "col":
		*s = collective
	default:
		return errors.New("no side: " + string(b))
	}
	return nil
}

func (m *recorded) msg() *nats.Msg {
	out := &nats.Msg{Subject: m.Subject, Reply: m.Reply, Data: []byte(m.Data)}
	if m.DataB64 != nil {
		out.Data = m.DataB64
	}
	for _, h := range m.Headers {
		if out.Header == nil {
			out.Header = make(nats.Header)
		}
		out.Header.Add(h[0], h[1])
	}
	return out
}

// incumbentHop is what the incumbent adds to a trace: only the middle is its own.
var incumbentHop = regexp.MustCompile(
	`\["nats://127\.0\.0\.1:\d+","[a-z0-9.]+ \(choria_nats_ingest:[^"]*\)","nats://127\.0\.0\.1:\d+"\]`)

// withHop puts hop in the place of the one that the incumbent added last.
func withHop(payload, hop string) string {
	all := incumbentHop.FindAllStringIndex(payload, -1)
	if len(all) == 0 {
		return payload
	}
	last := all[len(all)-1]
	return payload[:last[0]] + hop + payload[last[1]:]
}

// asRecorded has a relay stand in for the broker of the recordings.
func asRecorded(cluster, identity, mode string) func(*config.Config) {
	return func(c *config.Config) {
		c.Cluster, c.Identity, c.Compat, c.Trace = cluster, identity, mode, "always"
	}
}
