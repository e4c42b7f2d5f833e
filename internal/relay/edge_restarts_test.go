package relay_test

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/seal"
)

// A mixed cluster is two edges, two relays and perhaps a relay of the old kind, under load.
type mixed struct {
	t        *testing.T
	networks *fedtest.Networks
	wire     string
	mode     string // return_address.mode
	keys     string // the key file of all, or ""
	log      logBook

	relays, edges [2]*fedtest.Relay
	old           *jsonRelay // nil without one
	nodes         *farm
	answered      atomic.Int64
}

// start starts a relay or an edge with the settings of the cluster.
func (m *mixed) start(c config.Config) *fedtest.Relay {
	m.t.Helper()
	c.ReturnAddress.Mode, c.ReturnAddress.Keys = m.mode, m.keys
	r := fedtest.LaunchRelayWith(m.t, c, relay.Options{Log: slog.New(slog.NewTextHandler(&m.log, nil))})
	r.WaitReady()
	return r
}

func (m *mixed) startRelay(identity string) *fedtest.Relay {
	m.t.Helper()
	return m.start(relayConfig(m.networks, identity))
}

func (m *mixed) startEdge(identity string) *fedtest.Relay {
	m.t.Helper()
	return m.start(edgeConfig(m.networks, identity, m.wire))
}

// load asks from three clients until stop, which waits for the last replies.
func (m *mixed) load() (stop func()) {
	ctx, cancel := context.WithCancel(m.t.Context())
	var asking sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} {
		a := newAsker(m.t, m.networks.Federation, name)
		a.v2, a.answered = name == "b", &m.answered
		asking.Go(func() {
			if err := a.askOn(ctx, fedtest.Nodes(60), 20); err != nil {
				m.t.Error(err)
			}
		})
	}
	return func() {
		cancel()
		asking.Wait()
	}
}

// goesOn waits until some requests more are answered.
func (m *mixed) goesOn() {
	m.t.Helper()
	before := m.answered.Load()
	fedtest.Eventually(m.t, "requests are answered", func() bool { return m.answered.Load() >= before+20 || m.t.Failed() })
}

// replaceAll stops each part in turn, and puts another in its place.
func (m *mixed) replaceAll() {
	m.t.Helper()
	for i := range 2 {
		m.stop(m.relays[i])
		m.relays[i] = m.startRelay("relay3")
		m.goesOn()
		m.stop(m.edges[i])
		m.edges[i] = m.startEdge("edge3")
		m.goesOn()
		if m.old != nil {
			m.old.stop(m.t)
			m.goesOn()
			m.old = startJSONRelay(m.t, m.networks.Line, m.networks.Collective)
		}
	}
}

func (m *mixed) stop(r *fedtest.Relay) {
	m.t.Helper()
	if err := r.Stop(); err != nil {
		m.t.Error(err)
	}
}

// rotate adds a key to the file that seals when all parts have read it, and waits until it does.
func (m *mixed) rotate(keys *seal.Keys) {
	m.t.Helper()
	const said = "using the keys for return addresses"
	before := m.log.count(said)
	from := time.Now().Add(7 * time.Second)
	next, err := seal.NewKeys(append(keys.All(), seal.Generate(from))...)
	if err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.keys, next.AppendFile(nil), 0o600); err != nil {
		m.t.Fatal(err)
	}
	fedtest.Eventually(m.t, "the new key is read", func() bool { return m.log.count(said) >= before+4 })
	if time.Now().After(from) {
		m.t.Fatal("it was read too late")
	}
	fedtest.Eventually(m.t, "the new key is used", func() bool { return time.Now().After(from) || m.t.Failed() })
}

// Under load, each part of a cluster is stopped and replaced in turn, and the keys are rotated
// meanwhile. Nothing is lost and nothing comes twice.
func TestAMixedClusterLosesNothingInRestarts(t *testing.T) {
	for _, c := range []struct {
		name, wire, mode string
		old              bool
	}{
		{"with a relay of the old kind", config.WireJSON, config.ReturnPlain, true},
		{"with a relay of the old kind, sealed", config.WireJSON, config.ReturnSealed, true},
		{"compact", config.WireCompact, config.ReturnPlain, false},
		{"compact, seals required", config.WireCompact, config.ReturnRequire, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := fedtest.StartLine(t, embedded.Options{})
			m := &mixed{t: t, networks: n, wire: c.wire, mode: c.mode, nodes: startFarm(t, n.Collective)}
			var keys *seal.Keys
			if c.mode != config.ReturnPlain {
				m.keys, keys = writeKeys(t)
			}
			if c.old {
				m.old = startJSONRelay(t, n.Line, n.Collective)
			}
			m.relays = [2]*fedtest.Relay{m.startRelay("relay1"), m.startRelay("relay2")}
			m.edges = [2]*fedtest.Relay{m.startEdge("edge1"), m.startEdge("edge2")}
			stop := m.load()
			m.goesOn()
			m.replaceAll()
			if keys != nil {
				m.rotate(keys)
				m.goesOn()
				m.replaceAll()
			}
			stop()
			m.nodes.once(t)
			settle(t, m.relays[0], m.relays[1], m.edges[0], m.edges[1])
		})
	}
}
