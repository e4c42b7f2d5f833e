package relay

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// A cluster whose relays all read only JSON answers nothing at all.
func TestAnEdgeThatGetsNoRepliesSaysSo(t *testing.T) {
	var out bytes.Buffer
	n := notesTo(&out)
	a := &answers{compact: true}
	a.request(n)
	if w := a.warnings(); len(w) != 0 {
		t.Errorf("at once: %q", w)
	}
	a.asked.Store(time.Now().Add(-answerPatience - time.Second).UnixNano())
	a.request(n)
	if w := a.warnings(); len(w) != 1 || !strings.Contains(w[0], "(2 requests); "+silenceHint) {
		t.Errorf("%q", w)
	}
	if !strings.Contains(out.String(), silenceText) {
		t.Errorf("not logged: %s", out.String())
	}
	a.reply()
	if w := a.warnings(); len(w) != 0 {
		t.Errorf("after a bundle: %q", w)
	}
}

// Relays that have read compact requests may be put back to those that do not.
func TestAnEdgeThatGetsNoRepliesAnyMoreSaysSo(t *testing.T) {
	n := notesTo(new(bytes.Buffer))
	a := &answers{compact: true}
	a.request(n)
	a.reply()
	long := time.Now().Add(-laterPatience - time.Second).UnixNano()
	for i := range laterRequests {
		if w := a.warnings(); len(w) != 0 {
			t.Errorf("after %d requests: %q", i, w)
		}
		a.request(n)
		a.asked.Store(long)
	}
	if w := a.warnings(); len(w) != 1 || !strings.Contains(w[0], "(20 requests); see whether line.servers") {
		t.Errorf("%q", w)
	}
	a.reply()
	a.request(n)
	if w := a.warnings(); len(w) != 0 {
		t.Errorf("after a reply: %q", w)
	}
}

func TestAnEdgeThatSendsJSONWarnsOfNothing(t *testing.T) {
	var out bytes.Buffer
	n := notesTo(&out)
	a := new(answers)
	a.request(n)
	a.single(n)
	if w := a.warnings(); len(w) != 0 || a.silent() || out.Len() != 0 {
		t.Errorf("%q, %s", w, out.String())
	}
}

func TestSingleRepliesAreForgotten(t *testing.T) {
	var out bytes.Buffer
	a := &answers{compact: true}
	a.request(notesTo(&out))
	a.single(notesTo(&out))
	a.asked.Store(1)
	if w := a.warnings(); len(w) != 1 || !strings.Contains(w[0], "(1 replies, the last one at ") {
		t.Errorf("%q", w)
	}
	a.lastSingle.Store(time.Now().Add(-singlesStale).UnixNano())
	if w := a.warnings(); len(w) != 0 {
		t.Errorf("%q", w)
	}
}
