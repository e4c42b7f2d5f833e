package relay_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// stageOptions say how a stage is made.
type stageOptions struct {
	portable bool
	virtual  bool                 // time: no sockets then
	every    time.Duration        // between two messages of each flow
	config   func(*config.Config) // may be nil
	server   embedded.Options
}

// What a test of a fault runs in.
const (
	inRealTime    = false
	inVirtualTime = true
)

// onBothPlanes runs f on the framed plane and then on the library plane.
func onBothPlanes(t *testing.T, virtual bool, f func(t *testing.T, options stageOptions)) {
	for _, plane := range []string{"framed", "portable"} {
		options := stageOptions{portable: plane == "portable", virtual: virtual, every: time.Millisecond}
		t.Run(plane, func(t *testing.T) {
			if virtual {
				options.every = 20 * time.Millisecond
				fedtest.Bubble(t, func(t *testing.T) { f(t, options) })
				return
			}
			t.Parallel()
			f(t, options)
		})
	}
}

// detection is how long a silent connection may go unnoticed: two unanswered PINGs, sent every five
// seconds.
func (options stageOptions) detection() time.Duration {
	if options.portable {
		return 20 * time.Second // nats.go lets a third one go
	}
	return 15 * time.Second
}

// suspicion is how long a server may be silent before the relay suspects it: a second until it is
// asked, and two for its answer. What has been written may put that off a little.
const suspicion = 3*time.Second + 600*time.Millisecond

// dialing is how long it may take to get a connection back after an outage of any length: the
// longest wait between two attempts, and one attempt that gets no answer.
const dialing = 7500*time.Millisecond + 2*time.Second

// A stage is a relay whose connections all go through proxies, and load on both paths that does
// not.
type stage struct {
	*fedtest.Networks
	t       *testing.T
	options stageOptions
	config  config.Config
	proxies [2]*fedtest.Proxy // by side
	relay   *fedtest.Relay
	flows   [2]*flow // by the side that they come from
	unheard int64    // copies that a server confirmed while it stopped; see restart
}

// newStage starts everything and waits until load arrives.
func newStage(t *testing.T, options stageOptions) *stage {
	t.Helper()
	s := newQuietStage(t, options)
	s.startFlows()
	return s
}

// newQuietStage is newStage without load.
func newQuietStage(t *testing.T, options stageOptions) *stage {
	t.Helper()
	if options.virtual {
		options.server.DontListen = true
		options.server.Tune = withoutSystemAccount(options.server.Tune)
	}
	s := &stage{t: t, options: options, Networks: fedtest.StartNetworks(t, options.server)}
	s.proxies = s.newProxies()
	s.start()
	return s
}

// start runs the relay.
func (s *stage) start() {
	s.t.Helper()
	s.config = s.settings()
	s.relay = s.launch(s.config, s.proxies)
	s.relay.WaitReady()
}

func (s *stage) startFlows() {
	s.t.Helper()
	s.flows = [2]*flow{startFlow(s, federation), startFlow(s, collective)}
	s.flowing()
}

func withoutSystemAccount(tune func(*server.Options)) func(*server.Options) {
	return func(o *server.Options) {
		o.NoSystemAccount = true
		if tune != nil {
			tune(o)
		}
	}
}

func (s *stage) newProxies() [2]*fedtest.Proxy {
	start := fedtest.NewProxy
	if s.options.virtual {
		start = fedtest.NewPipe
	}
	return [2]*fedtest.Proxy{start(s.t, s.Federation), start(s.t, s.Collective)}
}

// settings are those of a relay that goes through the proxies.
func (s *stage) settings() config.Config {
	c := s.Config()
	c.Pipeline.Portable = s.options.portable
	c.Federation.Servers, c.Collective.Servers = []string{"nats://127.0.0.1:4222"}, []string{"nats://127.0.0.1:5222"}
	if !s.options.virtual {
		c.Federation.Servers = []string{s.proxies[federation].URL()}
		c.Collective.Servers = []string{s.proxies[collective].URL()}
	}
	if s.options.config != nil {
		s.options.config(&c)
	}
	return c
}

// launch runs a relay over proxies.
func (s *stage) launch(c config.Config, over [2]*fedtest.Proxy) *fedtest.Relay {
	if s.options.virtual {
		return fedtest.LaunchRelayOver(s.t, c, over[federation], over[collective])
	}
	return fedtest.LaunchRelay(s.t, c)
}

// books are those of the path from a side.
func (s *stage) books(from side) pipeline.Snapshot {
	request, reply := s.relay.Ledgers()
	return [...]pipeline.Snapshot{request, reply}[from]
}

// fate returns how many copies from a side have met f.
func (s *stage) fate(from side, f pipeline.Fate) int64 {
	books := s.books(from)
	return books.Fate(f)
}

// lives waits for a time while the load goes on.
func (s *stage) lives(d time.Duration) { <-time.After(d) }

// flowing waits until messages have arrived on both paths that were not sent before.
func (s *stage) flowing() {
	s.t.Helper()
	for _, f := range s.flows {
		f.waitFor(50)
	}
}
