//go:build !pooldebug

package relay

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/seal"
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
		settings: config.ReturnAddress{Mode: config.ReturnSealed, Lifetime: time.Hour}, ring: seal.NewRing(keys),
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

func TestSealsAllocateNothing(t *testing.T) {
	sealer, opener, message, env := onLeg(t)
	text := slices.Clone(sealer.requestID(message, &env, 0))
	if n := testing.AllocsPerRun(100, func() { sealer.requestID(message, &env, 0) }); n != 0 {
		t.Errorf("%v allocations to seal", n)
	}
	// The reply has the seal in the place of the id.
	reply := slices.Concat(text, message[32:])
	shift := uint32(len(text) - 32)
	var back wire.Envelope
	route := &pipeline.Route{Message: reply, Envelope: &back}
	open := func() {
		copy(reply, text)
		back.FedRequest = wire.Span{Len: uint32(len(text))}
		back.FedReply = wire.Span{Off: env.Reply.Off + shift, Len: env.Reply.Len}
		opener.open(route)
	}
	open()
	if got := string(back.FedRequest.Of(reply)); got != string(message[:32]) {
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
