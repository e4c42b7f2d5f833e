package compact

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/wire"
)

// recordings returns the messages that real clients and nodes have sent, file by file. They are
// kept beside the checkout.
func recordings(t *testing.T) map[string][][]byte {
	t.Helper()
	all := map[string][][]byte{}
	for _, pattern := range []string{"vectors/conversations", "legacy/vectors/ruby-choria"} {
		files, err := filepath.Glob(filepath.Join("../../../shared", pattern, "*.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			all[filepath.Base(file)] = messagesIn(t, file)
		}
	}
	if len(all) == 0 {
		t.Skip("no recordings beside the checkout")
	}
	return all
}

func messagesIn(t *testing.T, path string) (all [][]byte) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			Data    string `json:"data"`
			DataB64 string `json:"data_b64"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		m := []byte(line.Data)
		if line.DataB64 != "" {
			m, _ = base64.StdEncoding.DecodeString(line.DataB64)
		}
		if _, ok := partsOf(m); ok {
			all = append(all, m)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRecordingsComeBack writes all messages of a recording as one bundle, and each request by
// itself.
func TestRecordingsComeBack(t *testing.T) {
	var e Encoder
	var d Decoder
	hashes, secure := 0, 0
	for file, messages := range recordings(t) {
		var ps []wire.Parts
		var want []byte
		for _, m := range messages {
			p, canonical := parts(t, m)
			if len(p.Targets) > 0 {
				r := Request{Parts: p}
				mustOpen(t, &d, e.AppendRequest(nil, &r), canonical, 1)
			}
			p.Targets = nil
			ps, want = append(ps, p), wire.AppendMessage(want, &p)
			secure += strings.Count(string(e.undoer.data(nil, p.Data)), "secure:reply:1") + strings.Count(string(e.undoer.data(nil, p.Data)), "secure_reply")
		}
		if len(ps) == 0 {
			continue
		}
		m := e.AppendReplies(nil, nil, ps)
		hashes += bytes.Count(e.flat, []byte{markMessage}) + bytes.Count(e.flat, []byte{markInner})
		mustOpen(t, &d, m, want, len(ps))
		t.Logf("%s: %d messages, %d bytes to %d", file, len(ps), len(want), len(m))
	}
	if hashes != secure || hashes == 0 {
		t.Errorf("%d hashes of %d secure replies are left out", hashes, secure)
	}
}
