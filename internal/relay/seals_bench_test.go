package relay_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/seal"
	"github.com/fedrelay/fedrelay/wire"
)

// returnAddress is a variable with the mode in which all benches run: sealed or require. Then nodes
// answer with the seals of their requests, and what nodes get is compared once its seal is opened.
// TestConformanceAndVectorsWithSeals sets it.
const returnAddress = "FEDTEST_RETURN_ADDRESS"

// ofRelay is whose seals the relays under test make.
var ofRelay = seal.Scope{Cluster: fedtest.Cluster, Role: seal.Relay}

// benchSeals makes seals beside a relay, with the same keys.
type benchSeals struct {
	file   string // that the relay reads
	sealer *seal.Sealer
	opener *seal.Opener
}

// writeKeys writes a key file, and returns its path and what is in it. Without times it has one
// key, which is in use.
func writeKeys(t testing.TB, from ...time.Time) (path string, keys *seal.Keys) {
	t.Helper()
	if from == nil {
		from = []time.Time{time.Now().Add(-time.Hour)}
	}
	var all []seal.Key
	for _, f := range from {
		all = append(all, seal.Generate(f))
	}
	keys, err := seal.NewKeys(all...)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "return-address.keys")
	if err := os.WriteFile(path, keys.AppendFile(nil), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, keys
}

func sealsOf(keys *seal.Keys, scope seal.Scope) *benchSeals {
	ring := seal.NewRing(keys)
	return &benchSeals{sealer: seal.NewSealer(ring, scope), opener: seal.NewOpener(ring, scope)}
}

// sealed changes the settings to those of a relay that seals, and returns what opens its seals.
func sealed(t testing.TB, c *config.Config, mode string) *benchSeals {
	t.Helper()
	path, keys := writeKeys(t)
	c.ReturnAddress.Mode, c.ReturnAddress.Keys = mode, path
	s := sealsOf(keys, seal.Scope{Cluster: c.Cluster, Role: seal.Relay})
	s.file = path
	return s
}

// of returns a seal for a request id and a reply subject.
func (s *benchSeals) of(request, reply string) string {
	claims := seal.Lives([]byte(request), time.Now(), time.Hour, time.Time{})
	return string(s.sealer.Append(nil, &claims, []byte(reply)))
}

// scanned finds the federation header of a message.
func scanned(payload []byte) (env wire.Envelope, ok bool) {
	limits := wire.Limits{Depth: 64, Hops: 1 << 16, Targets: 1 << 20, SkipTargets: true}
	_, reason := wire.Scan(payload, limits, &env, nil)
	return env, reason == wire.OK && env.Federated
}

// answer puts the seal of its request into a reply, as if a node had answered to one. What is no
// reply stays as it is.
func (s *benchSeals) answer(payload []byte) []byte {
	env, ok := scanned(payload)
	if !ok {
		return s.answerLoosely(payload)
	}
	if env.FedReply.Empty() {
		return payload
	}
	subject := wire.AppendResolved(nil, env.FedReply.Of(payload))
	text := []byte(s.of(string(env.FedRequest.Of(payload)), string(subject)))
	if !env.FedRequest.Empty() {
		return replaced(payload, env.FedRequest, text)
	}
	key, before := `"req":"`, `"reply-to"`
	if env.Version == wire.V2 {
		key, before = `"request":"`, `"reply"`
	}
	at := bytes.LastIndex(payload[:env.FedReply.Off], []byte(before))
	insert := key + string(text) + `",`
	return replaced(payload, wire.Span{Off: uint32(at)}, []byte(insert))
}

// answerLoosely is answer for what only peer mode reads.
func (s *benchSeals) answerLoosely(payload []byte) []byte {
	m := federationHeader.FindSubmatch(payload)
	if m == nil {
		return payload
	}
	return requestID.ReplaceAll(payload, []byte(`"req":"`+s.of(string(m[1]), string(m[2]))+`"`))
}

// requestID is how a message of version 1 names its request.
var requestID = regexp.MustCompile(`"req":"[^"]*"`)

// federationHeader is what the federation header of a recorded message looks like.
var federationHeader = regexp.MustCompile(`"federation":\{"req(?:uest)?":"([^"]*)","reply(?:-to)?":"([^"]*)"`)

// unsealed opens the seal of what a node gets, and puts the request id in its place.
func (s *benchSeals) unsealed(t testing.TB, payload []byte) []byte {
	t.Helper()
	env, ok := scanned(payload)
	if m := federationHeader.FindSubmatch(payload); !ok && m != nil { // data that is null
		claims, _ := s.opener.Open(m[1], m[2], time.Now())
		return bytes.Replace(payload, m[1], claims.Request, 1)
	}
	if !ok {
		return payload
	}
	subject := wire.AppendResolved(nil, env.FedReply.Of(payload))
	claims, reason := s.opener.Open(env.FedRequest.Of(payload), subject, time.Now())
	if reason != wire.OK {
		t.Errorf("a node gets a request with a bad seal (%s): %.300s", reason, payload)
		return payload
	}
	if len(claims.Request) == 0 { // there was none
		from, to := env.FedRequest.Off, env.FedRequest.Off+env.FedRequest.Len+2
		key := bytes.LastIndexByte(payload[:from-2], '"')
		key = bytes.LastIndexByte(payload[:key], '"')
		return replaced(payload, wire.Span{Off: uint32(key), Len: to - uint32(key)}, nil)
	}
	return replaced(payload, env.FedRequest, claims.Request)
}

func replaced(text []byte, place wire.Span, by []byte) []byte {
	return append(append(bytes.Clone(text[:place.Off]), by...), text[place.Off+place.Len:]...)
}
