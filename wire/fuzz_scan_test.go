package wire

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"
	"unicode/utf8"
)

// FuzzScan looks for messages that Scan reads, and encoding/json, which other programs use, rejects
// or reads in another way. It also looks for messages that we would write from them, and that are
// not canonical or not what was read.
func FuzzScan(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		original := bytes.Clone(b)
		var env Envelope
		targets, r := Scan(b, usual, &env, nil)
		if !bytes.Equal(b, original) {
			t.Fatal("Scan writes into the message")
		}
		if r != OK {
			mustBeJustified(t, b, r)
			return
		}
		want, err := readAsJSON(b)
		if err != nil {
			t.Fatalf("encoding/json rejects what Scan takes: %v\n%q", err, b)
		}
		got := readAsScanned(t, b, &env, targets)
		mustEqual(t, b, got, want)
		mustWrite(t, b, &env, got)
	})
}

var surrogate = regexp.MustCompile(`\\u[dD][89a-fA-F]`)

// mustBeJustified checks that Scan does not reject too much.
func mustBeJustified(t *testing.T, b []byte, r Reason) {
	switch r {
	case Malformed:
		if json.Valid(b) && utf8.Valid(b) && !surrogate.Match(b) {
			t.Fatalf("good JSON is malformed: %q", b)
		}
	case BadData, BadVersion:
		if want, err := readAsJSON(b); r == BadData && err == nil && want.Data != nil {
			t.Fatalf("%v: %q", r, b)
		} else if err == nil && r == BadVersion && (len(want.Targets) > 0 || want.FedRepl != "") && !bytes.ContainsRune(b, '\\') {
			t.Fatalf("%v: %q", r, b)
		}
	case BadType, DuplicateKey, TooDeep, TooManyTargets:
	default:
		t.Fatalf("Scan returns %v", r)
	}
}

// mustWrite checks both messages that can be written from b.
func mustWrite(t *testing.T, b []byte, env *Envelope, read reading) {
	var hop []string
	if err := json.Unmarshal(relayHop, &hop); err != nil {
		t.Fatal(err)
	}
	wantRequest, wantReply := read, read
	wantRequest.Federated, wantRequest.Targets = true, nil
	wantRequest.FedRepl, wantRequest.Reply = read.Reply, collectiveSubject
	wantReply.Federated, wantReply.Targets, wantReply.FedRequest, wantReply.FedRepl = false, nil, "", ""
	for _, withHop := range []bool{false, true} {
		var h []byte
		trace := ends(read.Trace, usual.Hops)
		if withHop {
			h, trace = relayHop, append(trace, hop)
		}
		wantRequest.Trace, wantReply.Trace = trace, trace
		mustReadBack(t, AppendRequest([]byte("before"), b, env, collectiveSubject, h)[6:], wantRequest, true)
		mustReadBack(t, AppendReply([]byte("before"), b, env, h)[6:], wantReply, false)
	}
}

// ends returns what is written of a trace: the first entry and the last ones, nil if there is none.
func ends(trace [][]string, n int) (kept [][]string) {
	if len(trace) > n {
		kept = append(kept, trace[0])
		trace = trace[len(trace)-n+1:]
	}
	return append(kept, trace...)
}

// mustReadBack checks a written message. We and encoding/json must read in it what it should say,
// and writing it once more must change nothing.
func mustReadBack(t *testing.T, out []byte, want reading, isRequest bool) {
	mustBeCanonical(t, out, want.Version, isRequest)
	var env Envelope
	limits := usual
	limits.Hops++
	targets, r := Scan(out, limits, &env, nil)
	if r != OK {
		t.Fatalf("wrote what Scan rejects as %v: %q", r, out)
	}
	mustEqual(t, out, readAsScanned(t, out, &env, targets), want)
	if env.kept.odd {
		t.Fatalf("wrote an odd hop: %q", out)
	}
	if asJSON, err := readAsJSON(out); err != nil {
		t.Fatalf("%v: %q", err, out)
	} else {
		mustEqual(t, out, asJSON, want)
	}
	var again []byte
	if isRequest {
		env.Reply = env.FedReply
		again = AppendRequest(nil, out, &env, collectiveSubject, nil)
	} else {
		again = AppendReply(nil, out, &env, nil)
	}
	if !bytes.Equal(again, out) {
		t.Fatalf("written again\n    %q\nwas %q", again, out)
	}
}
