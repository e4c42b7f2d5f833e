package corpus_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"testing"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

var limits = wire.Limits{Depth: 8, Hops: 16, Targets: corpus.Group}

func scan(t *testing.T, m []byte) (env wire.Envelope, targets []wire.Span) {
	t.Helper()
	targets, reason := wire.Scan(m, limits, &env, nil)
	if reason != wire.OK {
		t.Fatalf("%s: %s", reason, m)
	}
	return env, targets
}

// secure returns the secure reply or request in a message.
func secure(t *testing.T, m []byte) (s struct{ Message, Reply, Hash, Signature, Sender string }) {
	t.Helper()
	env, _ := scan(t, m)
	b, err := base64.StdEncoding.DecodeString(string(env.Data.Of(m)[1 : env.Data.Len-1]))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatalf("%s: %s", err, b)
	}
	return s
}

func TestRepliesHaveTheHashesThatClientsCheck(t *testing.T) {
	for _, kind := range corpus.Kinds() {
		for _, v := range []wire.Version{wire.V1, wire.V2} {
			for _, m := range corpus.Replies(corpus.Names(kind, 20, 1), corpus.Options{Version: v, Ping: kind == corpus.IP}) {
				s := secure(t, m)
				hashed := []byte(s.Message)
				if v == wire.V2 {
					hashed, _ = base64.StdEncoding.DecodeString(s.Reply)
				}
				sum := sha256.Sum256(hashed)
				if s.Hash != base64.StdEncoding.EncodeToString(sum[:]) || len(hashed) == 0 {
					t.Fatalf("the hash of %s", m)
				}
			}
		}
	}
}

func TestTokensAndSignaturesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range corpus.Replies(corpus.Names(corpus.Hex, 20, 1), corpus.Options{Version: wire.V2, OwnTokens: true}) {
		s := secure(t, m)
		if seen[s.Sender] || seen[s.Signature] || len(s.Signature) != 88 {
			t.Errorf("not new: %+v", s)
		}
		seen[s.Sender], seen[s.Signature] = true, true
	}
}

func TestRequestsNameAllNodesInGroups(t *testing.T) {
	names := corpus.Names(corpus.Sequential, 450, 1)
	for _, v := range []wire.Version{wire.V1, wire.V2} {
		var sizes []int
		for _, m := range corpus.Request(names, v, 3000, 1) {
			env, targets := scan(t, m)
			sizes = append(sizes, len(targets))
			if n := base64.StdEncoding.DecodedLen(int(env.Data.Len) - 2); n < 2998 || n > 3002 {
				t.Errorf("a payload of %d bytes", n)
			}
		}
		if !slices.Equal(sizes, []int{200, 200, 50}) {
			t.Errorf("groups of %v", sizes)
		}
	}
}

func TestTheSameSeedGivesTheSame(t *testing.T) {
	names := corpus.Names(corpus.IP, 10, 7)
	a := corpus.Replies(names, corpus.Options{Version: wire.V2, OwnTokens: true, Seed: 3})
	b := corpus.Replies(names, corpus.Options{Version: wire.V2, OwnTokens: true, Seed: 3})
	if !slices.EqualFunc(a, b, func(x, y []byte) bool { return string(x) == string(y) }) {
		t.Error("they differ")
	}
}
