package wan

import (
	"fmt"
	"time"

	"github.com/fedrelay/fedrelay/internal/corpus"
	"github.com/fedrelay/fedrelay/wire"
)

// A phase is one thing that is measured in each cell.
type phase struct {
	name, title string
	request     *request // nil: replies
	replies     []reply
	ask         *request      // what the replies answer
	aside       bool          // only measured on the first line
	quick       bool          // also measured where much time passes
	over        time.Duration // replies are sent over so long, else at once
}

// phases are made once for all trials.
func phases(nodes int) (all []*phase) {
	for _, kind := range corpus.Kinds() {
		all = append(all, &phase{
			name: "request-" + string(kind), title: fmt.Sprintf("request of %d B to %d nodes, names %s", payloadSize, nodes, kind),
			request: newRequest(wire.V1, different(kind, nodes)), quick: true,
		})
	}
	names := corpus.Names(corpus.Sequential, nodes, seed)
	for _, o := range []corpus.Options{{Version: wire.V1}, {Version: wire.V2}, {Version: wire.V2, OwnTokens: true}} {
		p := &phase{
			name: fmt.Sprintf("replies-v%d", o.Version), title: fmt.Sprintf("%d signed replies, version %d", nodes, o.Version),
			replies: newReplies(o, names), ask: newRequest(o.Version, names), quick: o.Version == wire.V1,
		}
		if o.OwnTokens {
			p.name, p.title, p.aside = ownTokens, p.title+", each node with its own token", true
		}
		all = append(all, p)
	}
	slow := *all[len(all)-3]
	slow.name, slow.aside, slow.over = spread, true, time.Duration(nodes)*spreadEach
	slow.title += fmt.Sprintf(", over %s", slow.over)
	return append(all, &slow)
}

// spread is the phase in which replies come one after the other.
const (
	spread     = "replies-v1-spread"
	spreadEach = 200 * time.Microsecond
)

// different returns n names of which no two are the same. Random ones are, now and then.
func different(kind corpus.Kind, n int) (names []string) {
	seen := map[string]bool{}
	for _, name := range corpus.Names(kind, n+n/10, seed) {
		if !seen[name] && len(names) < n {
			seen[name], names = true, append(names, name)
		}
	}
	return names
}

// ownTokens is the phase in which nodes have tokens of their own.
const ownTokens = "replies-v2-tokens"
