package wire

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"
)

// vectors returns where the traffic recorded from the incumbent is. It is kept beside the module,
// not in it.
func vectors(t *testing.T, path string) string {
	t.Helper()
	path = filepath.Join("..", "..", "shared", "vectors", path)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no recorded traffic here: %v", err)
	}
	return path
}

// readLines decodes a file of JSON lines.
func readLines[T any](t *testing.T, path string) (lines []T) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		var line T
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		lines = append(lines, line)
	}
	if in.Err() != nil || len(lines) == 0 {
		t.Fatalf("%s: %d lines, %v", path, len(lines), in.Err())
	}
	return lines
}

// A published message is one that a broker wrote to a subject.
type published struct{ Subject, Data string }

// A carrier does with one message what a broker does, with the functions of this package.
type carrier struct {
	rules         Rules
	peer          bool   // Normalize what Scan rejects
	collective    string // the subject that nodes answer to
	identity      string // of the recorded broker
	federationURL string
	collectiveURL string
}

// carry returns what comes out for a message that came in on the federation side, or on the other.
func (c *carrier) carry(in []byte, fromFederation bool) (out []published) {
	in = bytes.Clone(in) // escapes are resolved in place
	var env Envelope
	targets, r := Scan(in, usual, &env, nil)
	if r != OK && c.peer {
		if in, r = Normalize(in); r == OK {
			targets, r = ScanNormalized(in, usual, &env, nil)
		}
	}
	if r != OK || !env.Federated {
		return nil
	}
	if !fromFederation {
		subject := env.FedReply.Of(in)
		if c.rules.Reply(subject) != OK {
			return nil
		}
		hop := AppendHop(nil, c.collectiveURL, c.identity+" (*)", c.federationURL)
		return []published{{string(subject), string(AppendReply(nil, in, &env, hop))}}
	}
	if c.rules.Reply(env.Reply.Of(in)) != OK {
		return nil
	}
	hop := AppendHop(nil, c.federationURL, c.identity+" (*)", c.collectiveURL)
	data := string(AppendRequest(nil, in, &env, c.collective, hop))
	for _, s := range targets {
		if subject := Resolve(in, s).Of(in); c.rules.Target(subject) == OK {
			out = append(out, published{string(subject), data})
		}
	}
	return out
}

var workers = regexp.MustCompile(` \(choria_nats_ingest:[0-9N]+, choria_(request|reply)_transformer:[0-9N]+, choria_nats_egest:[0-9N]+\)`)

// withoutWorkers replaces the numbers in the hop that a recorded broker added, which is the last
// one.
func withoutWorkers(data string) string {
	if all := workers.FindAllStringIndex(data, -1); len(all) > 0 {
		last := all[len(all)-1]
		return data[:last[0]] + " (*)" + data[last[1]:]
	}
	return data
}

// mustEqualJSON compares messages as the incumbent reads them.
func mustEqualJSON(t *testing.T, got, want published) {
	t.Helper()
	g, gotErr := readAsIncumbent([]byte(got.Data))
	w, wantErr := readAsIncumbent([]byte(want.Data))
	if gotErr != nil || wantErr != nil || got.Subject != want.Subject || !reflect.DeepEqual(g, w) {
		t.Errorf("%v %v\n got %s %s\nwant %s %s", gotErr, wantErr, got.Subject, got.Data, want.Subject, want.Data)
	}
}

// bytesOf returns a recorded payload. ok is false if it was not recorded.
func bytesOf(text *string, b64 string) (data []byte, ok bool) {
	if text != nil {
		return []byte(*text), true
	}
	data, err := base64.StdEncoding.DecodeString(b64)
	return data, err == nil && b64 != ""
}
