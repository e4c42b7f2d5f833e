package pipeline_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// A script is a message whose data says what the scriptRouter does with it.
type script struct {
	client  string
	serial  int
	targets []string // those that begin with the constant skipped get no copy
	verdict string   // serve, unrouted, unsaid or garbage
	size    int      // of the payload, in bytes; at least what names the message
}

const skipped = "c.skipped."

// The verdicts.
const (
	serve    = "serve"
	unrouted = "unrouted" // rejected by Route, after it has appended subjects
	unsaid   = "unsaid"   // rejected by Append, after it has appended bytes
	garbage  = "garbage"  // rejected by Scan
)

func (s *script) String() string {
	if s.verdict == garbage {
		return "{" + s.client
	}
	return message(s.client, fmt.Sprintf("%s %d %s %d", s.client, s.serial, s.verdict, s.size), s.targets...)
}

// payload is what the targets get.
func (s *script) payload() string {
	name := fmt.Sprintf("%s %d ", s.client, s.serial)
	return name + strings.Repeat(".", max(0, s.size-len(name)))
}

// clientOf is the client whose message became payload.
func clientOf(payload []byte) string {
	client, _, _ := bytes.Cut(payload, []byte(" "))
	return string(client)
}

// A scriptRouter does what scripts say.
type scriptRouter struct{}

func (scriptRouter) Route(r *pipeline.Route) wire.Reason {
	for i, t := range r.Targets {
		if strings.HasPrefix(string(t.Of(r.Message)), skipped) {
			r.Skip(i, 1, wire.Wildcard)
		} else {
			r.Subjects = append(r.Subjects, t)
		}
	}
	if readScript(r).verdict == unrouted {
		return wire.NotAllowed
	}
	return wire.OK
}

func (scriptRouter) Append(dst []byte, r *pipeline.Route) ([]byte, wire.Reason) {
	s := readScript(r)
	dst = append(dst, s.payload()...)
	if s.verdict == unsaid {
		return dst, wire.FanoutBytes
	}
	return dst, wire.OK
}

func readScript(r *pipeline.Route) (s script) {
	words := strings.Fields(strings.Trim(string(r.Envelope.Data.Of(r.Message)), `"`))
	s.client, s.verdict = words[0], words[2]
	s.serial, _ = strconv.Atoi(words[1])
	s.size, _ = strconv.Atoi(words[3])
	return s
}

// A scriptWriter makes random scripts.
type scriptWriter struct {
	*rand.Rand
	clients int
	serial  int
	heavy   int // messages in a hundred
}

// batch makes up to n messages.
func (w *scriptWriter) batch(n int) (batch []*script) {
	for range w.IntN(n + 1) {
		batch = append(batch, w.next())
	}
	return batch
}

// next makes a message, heavy or light: to 200 targets or few, large or small.
func (w *scriptWriter) next() *script {
	w.serial++
	s := &script{client: fmt.Sprint("client", w.IntN(w.clients)), serial: w.serial, verdict: serve, size: w.IntN(400)}
	targets := w.IntN(4) * w.IntN(2)
	if w.IntN(100) < w.heavy {
		targets, s.size = 40+w.IntN(160), 4_000+w.IntN(16_000)
	}
	if w.IntN(4) == 0 {
		s.verdict = []string{unrouted, unsaid, garbage}[w.IntN(3)]
	}
	for i := range targets + 1 {
		prefix := "c.node."
		if w.IntN(8) == 0 {
			prefix = skipped
		}
		s.targets = append(s.targets, prefix+strconv.Itoa(i))
	}
	return s
}
