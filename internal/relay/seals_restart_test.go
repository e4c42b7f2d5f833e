package relay_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/seal"
)

// A keyring is the key files of the instances of a cluster, and rotates them.
type keyring struct {
	files [2]string
	keys  *seal.Keys
}

func newKeyring(t *testing.T) *keyring {
	t.Helper()
	file, keys := writeKeys(t)
	r := &keyring{files: [2]string{file, file + ".2"}, keys: keys}
	writeFile(t, r.files[1], keys)
	return r
}

// with returns settings with the i-th file.
func (r *keyring) with(c config.Config, mode string, i int) config.Config {
	c.ReturnAddress.Mode, c.ReturnAddress.Keys = mode, r.files[i]
	return c
}

// rotate writes the first file, does meanwhile, and writes the second one. It returns when the new
// key is used.
func (r *keyring) rotate(t *testing.T, meanwhile func()) {
	t.Helper()
	now := time.Now()
	from := now.Add(8 * time.Second)
	var err error
	if r.keys, _, _, err = r.keys.Rotate(now, from, time.Hour); err != nil {
		t.Fatal(err)
	}
	writeFile(t, r.files[0], r.keys)
	meanwhile()
	if time.Until(from) < 5*time.Second {
		t.Skip("this machine is too slow: the second file is late")
	}
	writeFile(t, r.files[1], r.keys)
	<-time.After(time.Until(from) + time.Second)
}

// Keys are rotated while relays and edges are replaced, under load: where nothing passes without a
// seal, and where a relay of the old kind takes part.
func TestKeysAreRotatedWhileInstancesAreReplaced(t *testing.T) {
	t.Parallel()
	for mode, form := range map[string]string{config.ReturnRequire: config.WireCompact, config.ReturnSealed: config.WireJSON} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			n, ring := fedtest.StartLine(t, embedded.Options{}), newKeyring(t)
			f := startFarm(t, n.Collective)
			if mode == config.ReturnSealed {
				startJSONRelay(t, n.Line, n.Collective)
			}
			startRelay := func(i int) *fedtest.Relay {
				return fedtest.StartRelay(t, ring.with(relayConfig(n, "relay"), mode, i))
			}
			startEdge := func(i int) *fedtest.Relay {
				return fedtest.StartRelay(t, ring.with(edgeConfig(n, "edge", form), mode, i))
			}
			relays, edges := [2]*fedtest.Relay{startRelay(0), startRelay(1)}, [2]*fedtest.Relay{startEdge(0), startEdge(1)}
			ctx, cancel := context.WithCancel(t.Context())
			var load sync.WaitGroup
			defer load.Wait()
			defer cancel()
			var answered atomic.Int64
			a := newAsker(t, n.Federation, "a")
			a.answered = &answered
			load.Go(func() {
				if err := a.askOn(ctx, fedtest.Nodes(40), 20); err != nil {
					t.Error(err)
				}
			})
			for i := range 2 {
				ring.rotate(t, func() {
					stopped(t, relays[i])
					relays[i] = startRelay(i)
					stopped(t, edges[1-i])
					edges[1-i] = startEdge(1 - i)
				})
			}
			before := answered.Load()
			fedtest.Eventually(t, "requests are answered", func() bool { return answered.Load() >= before+20 || t.Failed() })
			cancel()
			load.Wait()
			settle(t, relays[0], relays[1], edges[0], edges[1])
			if used := f.keysSeen(); used != 3 {
				t.Errorf("nodes have seen %d keys", used)
			}
		})
	}
}

func stopped(t *testing.T, r *fedtest.Relay) {
	t.Helper()
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
}

// keysSeen returns how many keys have sealed what nodes got.
func (f *farm) keysSeen() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	keys := map[string]bool{}
	for copied := range f.copies {
		if _, text, ok := strings.Cut(copied, "fs1."); ok {
			keys[text[4:10]] = true
		}
	}
	return len(keys)
}
