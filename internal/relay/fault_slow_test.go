package relay_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A server that takes nothing for a while delays requests, and nothing else.
func TestFaultT12AStalledServerHoldsUpOneWayOnly(t *testing.T) {
	const stall = 300 * time.Millisecond
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		s := newStage(t, options)
		before := s.epochs()
		s.proxies[collective].Hold(fedtest.ToServer)
		s.flows[federation].burst("b", 24, 64<<10) // more than sockets hold
		fedtest.Eventually(t, "a server that takes nothing confirms nothing more", func() bool {
			confirmed := s.fate(federation, pipeline.Confirmed)
			s.answers(stall)
			return s.fate(federation, pipeline.Confirmed) == confirmed && s.flows[federation].arrived.Load() >= confirmed
		})
		s.proxies[collective].Release(fedtest.ToServer)
		s.recovers(time.Second, before)
		s.flows[federation].arrives("b23")
		s.keeps(before, federationReceive, federationPublish, collectiveReceive, collectivePublish)
		s.end()
		if n := s.relay.Unconfirmed(); n != 0 {
			t.Errorf("%d copies are unconfirmed though no connection was lost", n)
		}
	})
}

// answers checks for a while that replies arrive.
func (s *stage) answers(d time.Duration) {
	s.t.Helper()
	for began := time.Now(); time.Since(began) < d; {
		s.flows[collective].waitFor(20)
	}
}

// Copies that wait behind a slow server do not expire, because nobody is absent.
func TestFaultT12NothingExpiresBehindASlowServer(t *testing.T) {
	const copies, size, rate, ttl = 120, 64 << 10, 300 << 10, 3 * time.Second
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		options.config = func(c *config.Config) { c.Pipeline.CopyTTL = ttl }
		s := newQuietStage(t, options)
		before, client := s.epochs(), s.connect(s.Federation)
		s.proxies[collective].Throttle(rate)
		request := fedtest.Request("r", fedtest.Nodes(copies)...)
		if err := client.Publish(fedtest.FederationSubject, []byte(large(request, size))); err != nil {
			t.Fatal(err)
		}
		fedtest.Within(t, 2*copies*size/rate*time.Second, time.Second, "every copy has its fate", func() bool {
			books := s.books(federation)
			return books.Copies == copies && books.Balanced()
		})
		if n := s.fate(federation, pipeline.Confirmed); n != copies {
			books := s.books(federation)
			t.Error(books.String())
		}
		s.keeps(before, federationReceive, federationPublish, collectiveReceive, collectivePublish)
		s.relay.Stop()
	})
}

// large gives a message data of so many bytes.
func large(message string, size int) string {
	return strings.Replace(message, "aGVsbG8=", strings.Repeat("QUJD", size/4), 1)
}

// A frame over TLS may take longer than the ten seconds that a write may make no progress.
func TestFaultT12ALargeRequestOverASlowTLSLinkArrives(t *testing.T) {
	t.Parallel()
	const size, rate = 8 << 20, 400 << 10
	n := &fedtest.Networks{
		Federation: fedtest.StartServer(t, embedded.Options{MaxPayload: 2 * size}),
		Collective: fedtest.StartServer(t, embedded.Options{MaxPayload: 2 * size, TLS: selfSigned(t)}),
	}
	link := fedtest.NewProxy(t, n.Collective)
	link.Throttle(rate)
	c := n.Config()
	c.Collective.Servers = []string{link.URL()}
	c.Collective.TLS.InsecureSkipVerify = true
	relay := fedtest.StartRelay(t, c)
	federation := fedtest.NewTap(t, n.Federation)
	collective := fedtest.NewTap(t, n.Collective, nats.Secure(&tls.Config{InsecureSkipVerify: true}))
	federation.Send(fedtest.FederationSubject, large(fedtest.Request("r", fedtest.Node("n1")), size))
	fedtest.Within(t, 3*size/rate*time.Second, 10*time.Millisecond, "the request arrives", func() bool { return collective.Seen() > 0 })
	if m := collective.Next(); len(m.Data) < size {
		t.Errorf("%d bytes arrived", len(m.Data))
	}
	if epochs := epochsOf(relay); !slices.Equal(epochs, []uint64{1, 1, 1, 1}) {
		t.Errorf("connections were made %d times", epochs)
	}
	relay.Stop()
}

// selfSigned is the TLS configuration of a server whose certificate no authority has signed.
func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// A server that takes nothing for longer than a write may take is given up, and found again. That
// is ten seconds after the last byte that it took, or twenty after the first.
func TestFaultT12AServerThatStaysStalledIsGivenUp(t *testing.T) {
	const stall, given = 30 * time.Second, 25 * time.Second // until sockets are full, too
	onBothPlanes(t, inVirtualTime, func(t *testing.T, options stageOptions) {
		// The server waits for the relay all the while.
		options.server.Tune = func(o *server.Options) { o.WriteDeadline = time.Minute }
		s := newStage(t, options)
		before := s.epochs()
		s.proxies[collective].Hold(fedtest.ToServer)
		began := time.Now()
		s.notices(suspicion)
		s.givesUp(given, collectivePublish)
		s.lives(time.Until(began.Add(stall)))
		s.proxies[collective].Release(fedtest.ToServer)
		s.recovers(dialing, before, collectivePublish)
		s.keeps(before, federationReceive, federationPublish)
		s.end()
	})
}

// The relay gets no processor for so long that both servers take it for a slow consumer. It comes
// back when it gets one again.
func TestFaultT13ARelayThatWasFrozenComesBack(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		options.server.Tune = func(o *server.Options) { o.WriteDeadline = time.Second }
		s := newStage(t, options)
		before := s.epochs()
		for _, p := range s.proxies {
			p.Hold(fedtest.ToServer, fedtest.ToRelay)
		}
		s.flows[federation].burst(alone, 64, 128<<10)
		s.flows[collective].burst("b", 64, 128<<10)
		fedtest.Eventually(t, "both servers give up on it", func() bool {
			return !hasClient(t, s.Federation, "receive") && !hasClient(t, s.Collective, "receive")
		})
		for _, p := range s.proxies {
			p.Release(fedtest.ToServer, fedtest.ToRelay)
		}
		s.recovers(5*time.Second, before, federationReceive, collectiveReceive)
		s.end()
	})
}
