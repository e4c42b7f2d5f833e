package relay_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/seal"
	"github.com/fedrelay/fedrelay/internal/telemetry"
	"github.com/fedrelay/fedrelay/wire"
)

// newSealedBench is newBench for a relay that seals. What its carry sends stays as it is.
func newSealedBench(t *testing.T, mode string, set func(*config.Config)) *bench {
	t.Helper()
	var seals *benchSeals
	b := newBench(t, embedded.Options{}, func(c *config.Config) {
		set(c)
		seals = sealed(t, c, mode)
	})
	b.seals, b.raw = seals, true
	return b
}

// sealsSeen returns what a relay has found in replies.
func sealsSeen(r *fedtest.Relay) telemetry.Seals { return r.Paths()[1].Seals }

// replyWith makes the reply of a node that brings req back, for a client that waits at reply.
func replyWith(req, reply string) string {
	return strings.NewReplacer(`"req":"q"`, `"req":"`+req+`"`, fedtest.ReplySubject("q"), reply).Replace(fedtest.Reply("q", "n1"))
}

// badReplies returns replies that bring no good seal back, each with the one reason.
func badReplies(t *testing.T, s *benchSeals) map[string]struct {
	reply  string
	reason wire.Reason
} {
	t.Helper()
	mine := fedtest.ReplySubject("q")
	good := s.of("74ce5a837c1f0a5274ce5a837c1f0a52", mine)
	_, others := writeKeys(t)
	unknown := sealsOf(others, ofRelay).of("q", mine)
	expired := seal.Lives([]byte("q"), time.Now().Add(-time.Hour-2*seal.Leeway), time.Hour, time.Time{})
	changed := "A"
	if good[60] == 'A' {
		changed = "B"
	}
	return map[string]struct {
		reply  string
		reason wire.Reason
	}{
		"no seal":               {replyWith("q", mine), wire.SealMissing},
		"no request id":         {strings.Replace(replyWith("q", mine), `"req":"q",`, "", 1), wire.SealMissing},
		"another reply subject": {replyWith(good, fedtest.ReplySubject("victim")), wire.SealForged},
		"a letter changed":      {replyWith(good[:60]+changed+good[61:], mine), wire.SealForged},
		"truncated":             {replyWith(good[:len(good)-4], mine), wire.SealForged},
		"cut short":             {replyWith(good[:30], mine), wire.SealMalformed},
		"a line break in it":    {replyWith(good[:30]+`\n`+good[30:], mine), wire.SealMalformed},
		"made with another key": {replyWith(unknown, mine), wire.SealUnknownKey},
		"expired":               {replyWith(string(s.sealer.Append(nil, &expired, []byte(mine))), mine), wire.SealExpired},
	}
}

func TestOnlyRepliesToSealedRequestsAreCarriedWhereThatIsRequired(t *testing.T) {
	onBothKindsOfPlane(t, func(t *testing.T, set func(*config.Config)) {
		b := newSealedBench(t, config.ReturnRequire, set)
		for name, bad := range badReplies(t, b.seals) {
			t.Run(name, func(t *testing.T) {
				b.expect(t, collective, &nats.Msg{Data: []byte(bad.reply)}, rejected(bad.reason))
			})
		}
		paris := sealsOf(b.keys(t), seal.Scope{Cluster: "paris", Role: seal.Relay})
		mine := fedtest.ReplySubject("q")
		other := replyWith(paris.of("q", mine), mine)
		b.expect(t, collective, &nats.Msg{Data: []byte(other)}, rejected(wire.SealOtherCluster))

		good := b.seals.of("q", mine)
		before := sealsSeen(b.relay)
		for _, text := range []string{good, `\u0066` + good[1:]} {
			answer := strings.Replace(fedtest.Reply("q", "n1"), `,"federation":{"req":"q","reply-to":"`+mine+`"}`, "", 1)
			b.expect(t, collective, &nats.Msg{Data: []byte(replyWith(text, mine))}, published(answer, mine))
		}
		after := sealsSeen(b.relay)
		if n := after.Verdicts[wire.OK] - before.Verdicts[wire.OK]; n < 2 || after.RoundTrips.Sum <= before.RoundTrips.Sum {
			t.Errorf("%d more seals opened, round trips of %v s in all", n, after.RoundTrips.Sum)
		}
		if err := b.relay.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// keys returns the keys of a sealing relay.
func (b *bench) keys(t *testing.T) *seal.Keys {
	t.Helper()
	keys, err := config.ReadKeys(b.seals.file)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestBadSealsAreCarriedAndCountedWhileAClusterChanges(t *testing.T) {
	onBothKindsOfPlane(t, func(t *testing.T, set func(*config.Config)) {
		b := newSealedBench(t, config.ReturnSealed, set)
		for name, bad := range badReplies(t, b.seals) {
			before := sealsSeen(b.relay).Verdicts[bad.reason]
			if n := len(b.carry(t, collective, &nats.Msg{Data: []byte(bad.reply)})); n != 1 {
				t.Errorf("%s: %d replies", name, n)
			}
			if n := sealsSeen(b.relay).Verdicts[bad.reason] - before; n != 1 {
				t.Errorf("%s: counted %d times as %s", name, n, bad.reason)
			}
		}
	})
}

// A relay that reads the keys and does not seal yet is what all relays of a cluster are first.
func TestAPlainRelayWithKeysOpensWhatOthersHaveSealed(t *testing.T) {
	b := newSealedBench(t, config.ReturnPlain, func(*config.Config) {})
	edge := string(wire.AppendEdge(nil, "ams.london", []byte(fedtest.ReplySubject("q"))))
	for _, text := range []string{b.seals.of("q", edge), "q"} {
		b.taps[collective].Send(b.subjects[collective], replyWith(text, edge))
		m := b.taps[federation].Next()
		_, messages := opened(t, m.Data)
		if len(messages) != 1 || messages[0] != fedtest.Reply("q", "n1") {
			t.Errorf("%s: %q", text, messages)
		}
	}
	seen := sealsSeen(b.relay)
	if seen.Verdicts[wire.OK] != 1 || seen.Verdicts[wire.SealMissing] != 1 {
		t.Errorf("%v", seen.Verdicts)
	}
}

// Replies that leave together bring the ids of their requests back, as whoever asked spelled them.
func TestBundlesBringTheRequestIDBack(t *testing.T) {
	onBothKindsOfPlane(t, func(t *testing.T, set func(*config.Config)) {
		b := newSealedBench(t, config.ReturnRequire, func(c *config.Config) { set(c); c.Compat = config.CompatPeer })
		edge := string(wire.AppendEdge(nil, "ams.london", []byte(fedtest.ReplySubject("q"))))
		ids := []string{"q", "", `\u00e9\"`, "é", strings.Repeat("x", 500)}
		for _, id := range ids {
			request := strings.Replace(fedtest.Request("q", app7), fedtest.ReplySubject("q"), edge, 1)
			b.taps[federation].Send(b.subjects[federation], strings.Replace(request, `"req":"q"`, `"req":"`+id+`"`, 1))
			m := b.taps[collective].Next()
			env, ok := scanned(m.Data)
			if !ok {
				t.Fatalf("%s", m.Data)
			}
			text := string(env.FedRequest.Of(m.Data))
			if !strings.HasPrefix(text, "fs1.") {
				t.Fatalf("a node gets %s", m.Data)
			}
			b.taps[collective].Send(b.subjects[collective], replyWith(text, edge))
			_, messages := opened(t, b.taps[federation].Next().Data)
			want := strings.Replace(fedtest.Reply("q", "n1"), `"req":"q"`, `"req":"`+id+`"`, 1)
			want = strings.Replace(want, `"req":"",`, "", 1)
			if len(messages) != 1 || messages[0] != want {
				t.Errorf("got  %q\nwant %q", messages, want)
			}
		}
	})
}

func TestARelayDoesNotBeginWithoutItsKeys(t *testing.T) {
	c := config.Default()
	c.Cluster, c.Identity = "london", "relay1"
	c.Federation.Servers, c.Collective.Servers = []string{"nats://127.0.0.1:1"}, []string{"nats://127.0.0.1:2"}
	c.ReturnAddress.Mode = config.ReturnSealed
	c.ReturnAddress.Keys = filepath.Join(t.TempDir(), "nowhere")
	_, err := relay.New(c, relay.Options{})
	if want := fmt.Sprintf("return_address.keys: %s: no such file or directory", c.ReturnAddress.Keys); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
