package relay_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A ring is three relays one behind the other, and the last one leads back to the first network. A
// message could go round in it for ever.
type ring struct {
	servers [3]*embedded.Server
	taps    [3]*fedtest.Tap
	relays  [3]*fedtest.Relay
}

// clusters are what the relays of a ring serve: relay i takes requests from network i to network
// i+1.
var clusters = [3]string{"one", "two", "three"}

func newRing(t *testing.T, set func(*config.Config)) *ring {
	t.Helper()
	r := new(ring)
	for i := range r.servers {
		r.servers[i] = fedtest.StartServer(t, embedded.Options{})
		r.taps[i] = fedtest.NewTap(t, r.servers[i])
	}
	for i, cluster := range clusters {
		c := (&fedtest.Networks{Federation: r.servers[i], Collective: r.servers[(i+1)%3]}).Config()
		c.Cluster, c.Identity, c.Trace = cluster, "relay-"+cluster, "always"
		set(&c)
		r.relays[i] = fedtest.StartRelay(t, c)
	}
	return r
}

// brokerSubject returns a subject that brokers receive on.
func brokerSubject(cluster, end string) string { return "choria.federation." + cluster + "." + end }

// around are all the messages that ask a relay, on either of its paths, to publish to any broker of
// the ring.
func (r *ring) around() (payloads []string) {
	for _, to := range clusters {
		for _, end := range []string{"federation", "collective"} {
			subject := brokerSubject(to, end)
			both := `{"req":"@Q","reply-to":"` + subject + `","target":["` + subject + `"]}`
			payloads = append(payloads, aimed(subject), answered(subject), forged(subject),
				strings.ReplaceAll(fill(v1fed(both), ""), answers, subject),
				fill(v1(`"reply-to":"`+subject+`","Federation":`+both+`,"federation":`+both), ""))
		}
	}
	return payloads
}

// No message goes through two relays, let alone round: not in strict mode, not in peer mode, and
// not with settings that let every reply subject pass.
func TestHostileRingsCarryNothingOn(t *testing.T) {
	for name, set := range map[string]func(*config.Config){
		"strict":      func(*config.Config) {},
		"peer":        func(c *config.Config) { c.Compat = config.CompatPeer },
		"all replies": func(c *config.Config) { c.Allow.Replies = []string{">"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRing(t, set)
			sent := 0
			for i := range clusters {
				for _, payload := range r.around() {
					r.inject(t, i, payload)
					sent += 2
				}
			}
			want := r.honest(t)
			for _, rel := range r.relays {
				if err := rel.Stop(); err != nil {
					t.Error(err)
				}
			}
			r.checkSeen(t, want)
			r.checkBooks(t, sent)
		})
	}
}

// inject sends a payload to both brokers that listen on network i.
func (r *ring) inject(t *testing.T, i int, payload string) {
	t.Helper()
	r.taps[i].Send(brokerSubject(clusters[i], "federation"), payload)
	r.taps[i].Send(brokerSubject(clusters[(i+2)%3], "collective"), payload)
}

// honest sends a request and a reply through each relay and returns what each network must see of
// it, and no more.
func (r *ring) honest(t *testing.T) (want [3][]string) {
	t.Helper()
	for i, cluster := range clusters {
		id := "honest-" + cluster
		next := (i + 1) % 3
		r.taps[i].Send(brokerSubject(cluster, "federation"), fedtest.Request(id, fedtest.Node(id)))
		r.taps[next].Send(brokerSubject(cluster, "collective"), fedtest.Reply(id, "n1"))
		want[next] = append(want[next], fedtest.Node(id))
		want[i] = append(want[i], fedtest.ReplySubject(id))
	}
	return want
}

func (r *ring) checkSeen(t *testing.T, want [3][]string) {
	t.Helper()
	for i, tap := range r.taps {
		tap.Sync()
		for range tap.Seen() {
			subject := tap.Next().Subject
			at := slices.Index(want[i], subject)
			if at < 0 {
				t.Errorf("network %d: published to %s", i+1, subject)
				continue
			}
			want[i] = slices.Delete(want[i], at, at+1)
		}
		if len(want[i]) > 0 {
			t.Errorf("network %d never saw %q", i+1, want[i])
		}
	}
}

// checkBooks checks that every hostile message was rejected by the relay that it was sent to, or
// its one target skipped, and that it reached no other relay.
func (r *ring) checkBooks(t *testing.T, hostile int) {
	t.Helper()
	var received, stopped, copies int64
	for _, rel := range r.relays {
		request, reply := rel.Ledgers()
		received += request.Received + reply.Received
		skipped := request.Fate(pipeline.Skipped)
		stopped += request.RejectedTotal() + reply.RejectedTotal() + skipped
		copies += request.Copies + reply.Copies - skipped
	}
	if received != int64(hostile)+6 || stopped != int64(hostile) || copies != 6 {
		t.Errorf("received %d, stopped %d, copies %d; want %d, %d, 6", received, stopped, copies, hostile+6, hostile)
	}
}
