//go:build !pooldebug

package relay

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/seal"
	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// onLeg returns what seals and opens with a new key, and a message with its envelope.
func onLeg(t testing.TB) (*requestSealer, *replyOpener, []byte, wire.Envelope) {
	t.Helper()
	keys, err := seal.NewKeys(seal.Generate(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	s := &seals{
		sealing: sealing{
			settings: config.ReturnAddress{Mode: config.ReturnSealed, Lifetime: time.Hour}, ring: seal.NewRing(keys),
		},
		roundTrips: telemetry.NewHistogram(telemetry.NodeBounds),
	}
	scope := seal.Scope{Cluster: "london", Role: seal.Relay}
	var out bytes.Buffer
	n := notesTo(&out)
	n.interval = time.Hour
	message := []byte(`7c1f0a52d9e64b0c8a3fd2b1e6a90c44 mcollective.reply.74ce5a83.7c1f0a52 n1`)
	env := wire.Envelope{
		FedRequest: wire.Span{Len: 32}, Reply: wire.Span{Off: 33, Len: 35}, Sender: wire.Span{Off: 69, Len: 2},
	}
	return s.newSealer(scope), s.newOpener(scope, n), message, env
}

// backLeg returns a reply that has a seal in the place of the id of message, and opens it again and
// again.
func backLeg(o *replyOpener, text, message []byte, env wire.Envelope) (*pipeline.Route, func()) {
	reply := slices.Concat(text, message[32:])
	shift := uint32(len(text) - 32)
	route := &pipeline.Route{Message: reply, Envelope: new(wire.Envelope)}
	return route, func() {
		copy(reply, text)
		route.Envelope.FedRequest = wire.Span{Len: uint32(len(text))}
		route.Envelope.FedReply = wire.Span{Off: env.Reply.Off + shift, Len: env.Reply.Len}
		o.open(route)
	}
}

func TestSealsAllocateNothing(t *testing.T) {
	sealer, opener, message, env := onLeg(t)
	text := slices.Clone(sealer.requestID(message, &env, 0))
	if n := testing.AllocsPerRun(100, func() { sealer.requestID(message, &env, 0) }); n != 0 {
		t.Errorf("%v allocations to seal", n)
	}
	route, open := backLeg(opener, text, message, env)
	open()
	if got := string(route.Envelope.FedRequest.Of(route.Message)); got != string(message[:32]) {
		t.Errorf("the id that comes back is %q", got)
	}
	if n := testing.AllocsPerRun(100, open); n != 0 {
		t.Errorf("%v allocations to open", n)
	}
	text[len(text)-1] ^= 1 // no more a good one
	if n := testing.AllocsPerRun(100, open); n != 0 {
		t.Errorf("%v allocations for one that does not open", n)
	}
}

// BenchmarkSealsOfARequest and BenchmarkSealsOfAReply are what seals cost a message, clock and
// histogram included.
func BenchmarkSealsOfARequest(b *testing.B) {
	sealer, _, message, env := onLeg(b)
	for b.Loop() {
		sealer.requestID(message, &env, 0)
	}
}

func BenchmarkSealsOfAReply(b *testing.B) {
	sealer, opener, message, env := onLeg(b)
	_, open := backLeg(opener, slices.Clone(sealer.requestID(message, &env, 0)), message, env)
	for b.Loop() {
		open()
	}
}
