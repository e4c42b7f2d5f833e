package sign

import (
	"bufio"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shared holds what was recorded from real programs. It is not part of this repository.
const shared = "../../../shared"

func need(t *testing.T, path string) string {
	t.Helper()
	path = filepath.Join(shared, path)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skip(path + " is absent: recordings are not part of this repository")
	}
	return path
}

// recordedPing returns the secure request document of a recorded ping, and what it was made from.
func recordedPing(t *testing.T, file string) (document []byte, p Ping) {
	t.Helper()
	f, err := os.Open(need(t, "vectors/conversations/"+file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() {
		t.Fatal("no lines")
	}
	var line struct{ Data string }
	var transport struct{ Data []byte }
	var secure struct {
		Message string // version 1
		Request []byte // version 2
	}
	var request struct {
		ID, Sender, Collective string
		Time                   int64
		Envelope               struct {
			RequestID, SenderID, Collective string
			Time                            int64
		}
	}
	decode(t, lines.Bytes(), &line)
	decode(t, []byte(line.Data), &transport)
	decode(t, transport.Data, &secure)
	if secure.Message != "" {
		decode(t, []byte(secure.Message), &request)
		e := request.Envelope
		return transport.Data, Ping{ID: e.RequestID, Sender: e.SenderID, Collective: e.Collective, At: time.Unix(e.Time, 0)}
	}
	decode(t, secure.Request, &request)
	return transport.Data, Ping{ID: request.ID, Sender: request.Sender, Collective: request.Collective, At: time.Unix(0, request.Time)}
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v in %.100s", err, text)
	}
}

func must(t *testing.T) func(s *Signer, err error) *Signer {
	return func(s *Signer, err error) *Signer {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// now is a time in which the certificates and tokens of the recordings are valid.
var now = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)

// What is made from the same keys at the same time is what real clients sent, byte for byte, and
// real nodes answered that.
func TestDocumentsAreTheRecordedOnes(t *testing.T) {
	x509s, jwts := need(t, "vectors/fixtures-v1-x509"), need(t, "vectors/fixtures-v2-jwt")
	for file, s := range map[string]*Signer{
		"v1-secure-ping.jsonl":   must(t)(Certificate(x509s+"/rip.pem", x509s+"/rip.key", "", now)),
		"v1-insecure-ping.jsonl": must(t)(Unsigned("choria=bastion1.fed.example.net")),
		"v2-ping.jsonl":          must(t)(Token(jwts+"/rip.jwt", jwts+"/rip.seed", now)),
	} {
		want, ping := recordedPing(t, file)
		if got := s.Document(ping); string(got) != string(want) {
			t.Errorf("%s: made\n%s\nrecorded\n%s", file, got, want)
		}
		if id := s.NewID(); len(id) != len(ping.ID) || id == s.NewID() || s.Collective() != ping.Collective {
			t.Errorf("%s: id %s, collective %s", file, id, s.Collective())
		}
		if s.Signed() == strings.Contains(file, "insecure") {
			t.Errorf("%s: signed is %v", file, s.Signed())
		}
	}
}

func TestCertificates(t *testing.T) {
	dir := need(t, "trust/vectors/fixtures-trust-x509")
	for _, c := range []struct{ certificate, key, caller, want, wrong string }{
		{certificate: "alice", want: "choria=alice.mcollective"},
		{certificate: "alice", caller: "up=alice", want: "up=alice"},
		{certificate: "relay-privileged", caller: "choria=bob.mcollective", want: "choria=bob.mcollective"},
		{certificate: "via-intermediate", want: "choria="},
		{certificate: "rsa1024", want: "choria="},
		{certificate: "alice", caller: "alice", wrong: "choria=alice.mcollective"},
		{certificate: "alice", caller: "choria=alice\n", wrong: "a kind and a name"},
		{certificate: "alice", key: "bob", wrong: "belong together"},
		{certificate: "ecdsa", wrong: "no RSA key"},
		{certificate: "expired", wrong: "is valid from"},
		{certificate: "not-yet", wrong: "is valid from"},
		{certificate: "absent", wrong: "no such file"},
	} {
		key := c.key
		if key == "" {
			key = c.certificate
		}
		s, err := Certificate(filepath.Join(dir, c.certificate+".pem"), filepath.Join(dir, key+".key"), c.caller, now)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		if err != nil || !strings.HasPrefix(s.Caller(), c.want) {
			t.Errorf("%+v: %v, %v", c, s, err)
			continue
		}
		verify(t, s.Document(Ping{ID: s.NewID(), Sender: "here", Collective: "mcollective", At: now}))
	}
}

// verify checks a document of version 1 as a node does.
func verify(t *testing.T, document []byte) {
	t.Helper()
	var d struct {
		Message, Pubcert string
		Signature        []byte
	}
	decode(t, document, &d)
	block, _ := pem.Decode([]byte(d.Pubcert))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(d.Message))
	if err := rsa.VerifyPKCS1v15(leaf.PublicKey.(*rsa.PublicKey), crypto.SHA256, hash[:], d.Signature); err != nil {
		t.Error(err)
	}
}

func TestTokens(t *testing.T) {
	dir := need(t, "trust/vectors/fixtures-trust-jwt")
	for _, c := range []struct{ token, seed, want, warns, wrong string }{
		{token: "alice", want: "up=alice"},
		{token: "chained-alice", want: "up="},
		{token: "alice-signed-fleet", seed: "alice", want: "up=alice", warns: "signed_fleet_management"},
		{token: "alice-no-fleet", seed: "alice", want: "up=alice", warns: "fleet_management"},
		{token: "alice", seed: "bob", wrong: "made together"},
		{token: "alice-expired", seed: "alice", wrong: "ended on"},
		{token: "alice-no-key", seed: "alice", wrong: "made together"},
		{token: "web1", wrong: "no token of a client"},
		{token: "absent", seed: "alice", wrong: "no such file"},
		{token: "alice", seed: "absent", wrong: "no such file"},
	} {
		seed := c.seed
		if seed == "" {
			seed = c.token
		}
		s, err := Token(filepath.Join(dir, c.token+".jwt"), filepath.Join(dir, seed+".seed"), now)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		if err != nil || !strings.HasPrefix(s.Caller(), c.want) || !strings.Contains(strings.Join(s.Warnings(), ""), c.warns) || (c.warns == "") != (s.Warnings() == nil) {
			t.Errorf("%+v: %+v, %v", c, s, err)
		}
	}
}

func TestFilesThatHoldSomethingElse(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	encrypted := string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}))
	for want, err := range map[string]error{
		"no certificate": errorOf(Certificate(write("hello"), write(""), "", now)),
		"cannot be read": errorOf(Certificate(write(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}))), write(""), "", now)),
		"no private key": errorOf(readKey(write("hello"))),
		"passphrase":     errorOf(readKey(write(encrypted))),
		"no Choria":      errorOf(Token(write("a.b"), write(""), now)),
		"no ed25519":     errorOf(Token(write("a."+base64.RawURLEncoding.EncodeToString([]byte(`{"purpose":"choria_client_id","callerid":"up=a"}`))+".c"), write("xyz"), now)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }
