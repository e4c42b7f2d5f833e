package relay_test

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/seal"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// echo returns the reply of a node to what it got.
func echo(t testing.TB, request []byte) string {
	t.Helper()
	env, ok := scanned(request)
	if !ok {
		t.Errorf("a node gets %.200s", request)
	}
	of := func(s wire.Span) string { return string(s.Of(request)) }
	return replyWith(of(env.FedRequest), of(env.FedReply))
}

// A node may take ten minutes. What it has sent then is of no use to anybody who sends it again
// after the deadline.
func TestALateReplyArrivesAndAReplayedOneDoesNot(t *testing.T) {
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		options.config = func(c *config.Config) { sealed(t, c, config.ReturnRequire) }
		s := newQuietStage(t, options)
		client := fedtest.NewTap(t, s.Federation, nats.InProcessServer(s.Federation))
		node := fedtest.NewTap(t, s.Collective, nats.InProcessServer(s.Collective))
		client.Send(fedtest.FederationSubject, fedtest.Request("first", fedtest.Node("n1")))
		reply := echo(t, node.Next().Data)
		s.lives(10 * time.Minute)
		node.Send(fedtest.CollectiveSubject, reply)
		if m := client.Next(); m.Subject != fedtest.ReplySubject("first") {
			t.Errorf("%s came instead of the reply", m.Subject)
		}
		seals := sealsSeen(s.relay)
		if mean := time.Duration(seals.RoundTrips.Sum * 1e9); seals.Verdicts[wire.OK] != 1 || mean.Round(time.Second) != 10*time.Minute {
			t.Errorf("%d seals opened, after %s", seals.Verdicts[wire.OK], mean)
		}
		s.lives(50*time.Minute + 2*seal.Leeway)
		node.Send(fedtest.CollectiveSubject, reply)
		fedtest.Eventually(t, "it is rejected", func() bool {
			return s.books(collective).Rejected[wire.SealExpired] == 1
		})
		if err := s.relay.Stop(); err != nil {
			t.Error(err)
		}
		books := s.books(collective)
		if client.Seen() != 0 || books.Fate(pipeline.Confirmed) != 1 || books.Received != 2 {
			t.Error(s.relay.LedgerLine())
		}
	})
}

// All instances of a cluster get a new key within the time until it is used, in any order, while
// requests and replies pass. Old keys are dropped when nothing can come back with them.
func TestRotationUnderLoadLosesNothing(t *testing.T) {
	const lifetime, ahead, rotations = 2 * time.Minute, 40 * time.Second, 6
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		s := newQuietStage(t, options)
		path, keys := writeKeys(t, time.Now())
		paths := []string{path, path + ".2"}
		relays := []*fedtest.Relay{}
		for _, file := range paths {
			writeFile(t, file, keys)
			c := s.config
			c.ReturnAddress = config.ReturnAddress{Mode: config.ReturnRequire, Keys: file, Lifetime: lifetime}
			relays = append(relays, s.launch(c, s.proxies))
		}
		for _, r := range relays {
			r.WaitReady()
		}
		if err := s.relay.Stop(); err != nil { // it does not seal
			t.Error(err)
		}
		client, node := s.connect(s.Federation), s.connect(s.Collective)
		var arrived atomic.Int64
		s.listenOn(client, "mcollective.reply.>", func(*nats.Msg) { arrived.Add(1) })
		ids := map[string]bool{}
		s.listenOn(node, "mcollective.node.>", func(m *nats.Msg) {
			env, _ := scanned(m.Data)
			ids[string(env.FedRequest.Of(m.Data)[8:14])] = true // where the id of the key is
			reply, slow := echo(t, m.Data), time.Duration(len(ids)%3)*lifetime/3
			time.AfterFunc(slow, func() { _ = node.Publish(fedtest.CollectiveSubject, []byte(reply)) })
		})
		var sent int64
		load := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); sent++ {
				if err := client.Publish(fedtest.FederationSubject, []byte(fedtest.Request(fmt.Sprint(sent), app7))); err != nil {
					t.Fatal(err)
				}
				s.lives(500 * time.Millisecond)
			}
		}
		most := 0
		for i := range rotations {
			now := time.Now()
			rotated, _, _, err := keys.Rotate(now, now.Add(ahead), lifetime)
			if err != nil {
				t.Fatal(err)
			}
			keys, most = rotated, max(most, len(rotated.All()))
			writeFile(t, paths[i%2], keys)
			load(ahead - 10*time.Second)
			writeFile(t, paths[1-i%2], keys)
			load(ahead)
		}
		s.lives(lifetime)
		fedtest.Eventually(t, "all replies arrive", func() bool { return arrived.Load() == sent })
		for _, r := range relays {
			if err := r.Stop(); err != nil {
				t.Error(err)
			}
			if _, reply := r.Ledgers(); reply.Received == 0 || reply.Fate(pipeline.Confirmed) != reply.Received {
				t.Error(r.LedgerLine())
			}
		}
		if len(ids) < rotations || most >= rotations {
			t.Errorf("%d keys were used, up to %d were in the file", len(ids), most)
		}
	})
}

// writeFile puts a key file in the place of another one, as fedrelay keys does.
func writeFile(t *testing.T, path string, keys *seal.Keys) {
	t.Helper()
	err := os.WriteFile(path+".new", keys.AppendFile(nil), 0o600)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// listenOn is listen on a connection that is there.
func (s *stage) listenOn(c *nats.Conn, subjects string, f nats.MsgHandler) {
	s.t.Helper()
	if _, err := c.Subscribe(subjects, f); err != nil {
		s.t.Fatal(err)
	}
	if err := c.FlushTimeout(fedtest.Patience); err != nil {
		s.t.Fatal(err)
	}
}

// A file that cannot be used changes nothing. It is said in the log and by /readyz, until it is
// good again.
func TestABadKeyFileKeepsTheKeysOfBefore(t *testing.T) {
	fedtest.Bubble(t, func(t *testing.T) {
		options := stageOptions{virtual: true}
		var seals *benchSeals
		options.config = func(c *config.Config) { seals = sealed(t, c, config.ReturnRequire) }
		s := newQuietStage(t, options)
		client := fedtest.NewTap(t, s.Federation, nats.InProcessServer(s.Federation))
		node := fedtest.NewTap(t, s.Collective, nats.InProcessServer(s.Collective))
		passes := func(id string) {
			t.Helper()
			client.Send(fedtest.FederationSubject, fedtest.Request(id, app7))
			node.Send(fedtest.CollectiveSubject, echo(t, node.Next().Data))
			if m := client.Next(); m.Subject != fedtest.ReplySubject(id) {
				t.Errorf("%s came instead of the reply", m.Subject)
			}
		}
		good, err := os.ReadFile(seals.file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			change func() error
			warns  string
		}{
			{func() error { return os.WriteFile(seals.file, good[:len(good)-3], 0o600) }, "cannot be used, going on with the keys of before: line 4: the third word is no secret"},
			{func() error { return os.Remove(seals.file) }, "cannot be read, going on with the keys of before: "},
			{func() error { return os.WriteFile(seals.file, nil, 0o600) }, "cannot be used, going on with the keys of before: holds no key"},
			{func() error { return os.WriteFile(seals.file, good, 0o600) }, ""},
			{func() error { return os.Chmod(seals.file, 0o644) }, "can be read by every user; chmod 600 it"},
		} {
			if err := c.change(); err != nil {
				t.Fatal(err)
			}
			s.lives(10 * time.Second)
			warnings := strings.Join(s.relay.Warnings(), "\n")
			if c.warns == "" && strings.Contains(warnings, "return_address") || !strings.Contains(warnings, c.warns) {
				t.Errorf("warnings: %q, want %q", warnings, c.warns)
			}
			passes("q")
		}
		if err := s.relay.Stop(); err != nil {
			t.Error(err)
		}
	})
}
