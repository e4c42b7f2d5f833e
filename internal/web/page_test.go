package web_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// A scene is a real relay that carries messages, and a server of its page.
type scene struct {
	t      *testing.T
	relay  *fedtest.Relay
	client *nats.Conn
	nodes  *nats.Conn
	source state.Source // of the page; nil: the relay
	server *telemetry.Server
}

// A forgetful source does not know how many copies were denied.
type forgetful struct{ state.Source }

func (f forgetful) Request(id string) (state.Request, bool) {
	r, found := f.Source.Request(id)
	r.Copies, r.DenialsForgotten = map[string]int64{"confirmed": 2, "denied": 1, "expired": 1}, true
	return r, found
}

func play(t *testing.T) *scene {
	t.Helper()
	n := fedtest.StartNetworks(t, embedded.Options{})
	s := &scene{t: t, relay: fedtest.StartRelay(t, n.Config())}
	s.client, s.nodes = fedtest.Connect(t, n.Federation), fedtest.Connect(t, n.Collective)
	s.serve("127.0.0.1:0")
	t.Cleanup(s.stop)
	return s
}

// ask sends a request to n nodes, which stay silent.
func (s *scene) ask(id string, n int) {
	_ = s.client.Publish(fedtest.FederationSubject, []byte(fedtest.Request(id, fedtest.Nodes(n)...)))
}

// answer lets some nodes answer.
func (s *scene) answer(id string, nodes ...int) {
	for _, i := range nodes {
		_ = s.nodes.Publish(fedtest.CollectiveSubject, []byte(fedtest.Reply(id, nameOf(i))))
	}
}

func nameOf(node int) string { return fmt.Sprintf("n%05d.ldn.example.net", node) }

func (s *scene) serve(address string) {
	s.t.Helper()
	if s.source == nil {
		s.source = s.relay
	}
	server, err := telemetry.Serve(address, []telemetry.View{s.relay}, telemetry.Options{Sources: []state.Source{s.source}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.server = server
}

// stop ends the server, which must not wait for browsers.
func (s *scene) stop() {
	s.t.Helper()
	began := time.Now()
	if err := s.server.Shutdown(context.Background()); err != nil {
		s.t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		s.t.Errorf("the server waited %s for browsers", took)
	}
}

// load sends requests and replies until the test ends, all of one id.
func (s *scene) load() {
	ticker := time.NewTicker(20 * time.Millisecond)
	done := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			case <-ticker.C:
				s.ask("load", 20)
				s.answer("load", i%20)
			}
		}
	})
	s.t.Cleanup(func() {
		close(done)
		sending.Wait()
		ticker.Stop()
	})
}

func (s *scene) address() string { return s.server.Addr().String() }

// TestThePageInABrowser is U9 and U11: one browser for all, because a browser takes a second to
// start.
func TestThePageInABrowser(t *testing.T) {
	b := startBrowser(t)
	s := play(t)
	s.load()
	s.ask("first", 30)
	b.do(chromedp.Navigate("http://" + s.address() + "/"))

	t.Run("it shows what the relay does", func(t *testing.T) {
		b.until(`document.querySelector('#name').textContent === 'london'`)
		b.until(`document.querySelector('#ready').textContent === '✓ ready'`)
		b.until(`document.querySelector('#live').textContent === '● live'`)
		b.until(`document.querySelector('#ledger-sum').textContent === '✓ the books balance'`)
		b.until(`parseFloat(document.querySelector('.flow .request b').textContent) > 1`)
		b.until(`document.querySelectorAll('#rates canvas').length === 1`)
	})
	t.Run("a request is clicked and fills", func(t *testing.T) {
		s.ask("second", 50)
		b.until(`document.querySelectorAll('#requests .row').length === 3`)
		b.do(chromedp.Click(chromedp.CSS(`.row[data-id="first"]`)))
		b.until(`document.querySelector('#grid-sum').textContent === '0 of 30 nodes answered'`)
		s.answer("first", 0, 1, 7)
		b.until(`document.querySelector('#grid-sum').textContent === '3 of 30 nodes answered'`)
		b.until(`document.querySelector('#missing-head').textContent === '27 nodes without a reply here'`)
		b.until(`document.querySelector('#follow').getAttribute('aria-pressed') === 'false'`)
	})
	t.Run("cells are reached with the keyboard", func(t *testing.T) {
		b.do(chromedp.Focus(chromedp.CSS("#grid")), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
		b.until(`document.querySelector('#cell').textContent === 'n00002.ldn.example.net: no reply seen here'`)
	})
	t.Run("cells have different shapes", func(t *testing.T) {
		// The share of the cells 0 and 5 that is inked: one has answered, the other one has not.
		inked := eval[[]float64](b, `(() => {
			const r = devicePixelRatio, size = 20 * r, all = document.querySelector('#grid').getContext('2d')
				.getImageData(4 * r, 4 * r, 6 * size, size).data;
			return [0, 5].map((cell) => {
				let n = 0;
				for (let y = 0; y < size; y++)
					for (let x = 0; x < size; x++) if (all[4 * (y * 6 * size + cell * size + x) + 3] > 128) n++;
				return n / size / size;
			});
		})()`)
		if inked[0] < 0.8 || inked[1] > 0.5 {
			t.Errorf("%.2f and %.2f of them are inked", inked[0], inked[1])
		}
	})
	t.Run("cells of all kinds differ without colours", func(t *testing.T) {
		// For each size the least share of pixels in which two kinds differ, in black and white.
		differ := evalLater[[]float64](b, `import('/page/grid.js').then(({ Grid }) => [20, 8, 4].map((size) => {
			const ink = { wait: '#000', answered: '#000', denied: '#000', flash: '#000', mark: '#000', ground: '#fff' };
			const [a, b, c] = [0, 1, 2].map((state) => {
				const g = new OffscreenCanvas(size, size).getContext('2d');
				g.fillStyle = '#fff';
				g.fillRect(0, 0, size, size);
				Grid.prototype.cell.call({ size, columns: 1, at: -1 }, g, 0, state, ink, 0);
				return g.getImageData(0, 0, size, size).data;
			});
			const apart = (x, y) => x.filter((v, i) => i % 4 === 0 && (v > 128) !== (y[i] > 128)).length / size / size;
			return Math.min(apart(a, b), apart(a, c), apart(b, c));
		}))`)
		for _, share := range differ {
			if share < 0.1 {
				t.Errorf("kinds of cells look alike: %.2f", differ)
			}
		}
	})
	t.Run("books that do not balance are told", func(t *testing.T) {
		told := evalLater[[]string](b, `Promise.all([
			import('/page/ledger.js'),
			fetch('/api/v1/state').then((r) => r.json()),
		]).then(([m, doc]) => {
			const instance = doc.instances[0];
			const say = (change) => {
				const sound = { ...instance.request, received: 2, accepted: 2, rejected: {}, in_parse: 0,
					copies: 9, fates: { confirmed: 9 }, in_flight: 0, unaccounted: 0 };
				m.ledger({ ...instance, request: { ...sound, ...change }, reply: sound });
				return document.querySelector('#ledger-sum').textContent + document.querySelector('#ledger').textContent;
			};
			return [say({}), say({ fates: { confirmed: 8 } }), say({ fates: { confirmed: 8 }, unaccounted: 1 })];
		})`)
		for i, want := range []string{"✓ the books balance", "✕ does not sum up: 1 missing", "✕ 1 without a fate"} {
			if !strings.Contains(told[i], want) || i > 0 != strings.Contains(told[i], "✕ the books do not balance") {
				t.Errorf("%d: %q", i, told[i])
			}
		}
	})
	t.Run("nothing moves for those who do not want it", func(t *testing.T) {
		const moves = `[...document.querySelectorAll('.moving .line')].some((e) => getComputedStyle(e).animationName !== 'none')`
		b.until(moves)
		still := []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: still}); err != nil {
			t.Fatal(err)
		}
		b.until(`!` + moves)
	})
	t.Run("it fits on a phone", func(t *testing.T) {
		phone := emulation.SetDeviceMetricsOverrideParams{Width: 360, Height: 700, DeviceScaleFactor: 2, Mobile: true}
		if _, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, phone); err != nil {
			t.Fatal(err)
		}
		b.until(`innerWidth === 360 && document.documentElement.scrollWidth === 360`)
	})
	t.Run("nothing came from elsewhere and nothing went wrong", func(t *testing.T) {
		if all := b.foreign(s.address()); len(all) > 0 {
			t.Errorf("asked %q", all)
		}
		if faults := b.forget(); len(faults) > 0 {
			t.Errorf("%q", faults)
		}
	})
	t.Run("the policy forbids all else", func(t *testing.T) {
		eval[string](b, `document.body.append(Object.assign(new Image(), { src: 'http://elsewhere.invalid/' })), ''`)
		fedtest.Eventually(t, "the browser says so", func() bool {
			return strings.Contains(strings.Join(b.forget(), " "), "Content Security Policy")
		})
	})
	t.Run("it comes back when the relay does", func(t *testing.T) {
		address := s.address()
		s.stop()
		b.until(`document.body.classList.contains('stale')`)
		s.serve(address)
		b.until(`!document.body.classList.contains('stale')`)
		b.until(`document.querySelector('#grid-sum').textContent === '3 of 30 nodes answered'`)
	})
	t.Run("a stopped browser costs nothing", func(t *testing.T) {
		b.signal(syscall.SIGSTOP)
		defer b.signal(syscall.SIGCONT)
		s.ask("third", 1000)
		before, _ := s.relay.Ledgers()
		fedtest.Eventually(t, "messages are carried", func() bool {
			now, _ := s.relay.Ledgers()
			return now.Received > before.Received+10
		})
		address := s.address()
		s.stop() // checks that it does not wait
		s.serve(address)
	})
	t.Run("what is not known is not shown as if it was", func(t *testing.T) {
		address := s.address()
		s.stop()
		s.source = forgetful{s.relay}
		s.serve(address)
		b.until(`document.querySelector('#grid-sum').textContent === '3 of 30 nodes answered; more may be denied than is shown'`)
		b.until(`document.querySelector('#grid-facts').textContent.includes('at most 2 confirmed, at least 1 denied, 1 expired')`)
	})
	if t.Failed() {
		fmt.Println(eval[string](b, `document.body.innerText`))
	}
}
