package relay

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

const (
	// defaultCollective is the name that Choria gives a collective by default.
	defaultCollective = "mcollective"
	// maxProbed is in how many collectives a login is probed at most. Each denied probe makes a
	// line in the server's log.
	maxProbed = 3
)

// probeName returns a token that is nobody's name: it has a colon, which no name of a node, agent
// or client has. It is random, so that nobody can guess it.
func probeName() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return "fedrelay:" + hex.EncodeToString(b[:])
}

// requestRights returns the rights that the request path needs on the collective.
func requestRights(c config.Config) link.Rights {
	name := probeName()
	return rightsOf(c, []string{"node.>", "broadcast.agent.*", "broadcast.service.*"},
		[]string{"node." + name, "broadcast.agent." + name, "broadcast.service." + name})
}

// replyRights returns the rights that the reply path needs on the federation.
func replyRights(c config.Config) link.Rights {
	name := probeName()
	r := rightsOf(c, []string{"reply.>"}, []string{"reply." + name + "." + name})
	for _, pattern := range c.Allow.Replies {
		r.Patterns, r.Likely = append(r.Patterns, pattern), append(r.Likely, pattern)
		r.Probes = append(r.Probes, literal(pattern, name))
	}
	return r
}

// literal returns a subject that pattern matches, with name in the place of wildcards.
func literal(pattern, name string) string {
	return strings.NewReplacer("*", name, ">", name+"."+name).Replace(pattern)
}

// rightsOf puts the names of the collectives that the settings allow in front of patterns and
// probes. If the settings name none, any collective is allowed, and the default one is likely.
func rightsOf(c config.Config, patterns, probes []string) (r link.Rights) {
	denied := func(name string) bool { return slices.Contains(c.Allow.DenyCollectives, name) }
	named := slices.DeleteFunc(slices.Clone(c.Allow.Collectives), denied)
	likely := named
	if len(named) == 0 {
		named, likely = []string{"*"}, slices.DeleteFunc([]string{defaultCollective}, denied)
	}
	r.Patterns, r.Likely = join(named, patterns), join(likely, patterns)
	if c.Compat == config.CompatPeer {
		r.Patterns = []string{">"}
	}
	if len(r.Likely) == 0 {
		r.Likely = r.Patterns
	}
	r.Probes = join(likely[:min(len(likely), maxProbed)], probes)
	return r
}

// join returns each head with each tail.
func join(heads, tails []string) (all []string) {
	for _, head := range heads {
		for _, tail := range tails {
			all = append(all, head+"."+tail)
		}
	}
	return all
}

// needsOf returns the rights that the login of a side needs, to compare them with those of a token.
// A "?" stands for a name that is not known here.
func needsOf(c config.Config, side string) (n link.Needs) {
	if side == link.Line {
		return lineNeeds(c)
	}
	if !c.IsEdge() && c.Cluster == "" {
		return n // Validate reports that
	}
	collectives := c.Allow.Collectives
	if len(collectives) == 0 {
		collectives = []string{"?"}
	}
	for _, name := range collectives {
		if side == link.Federation {
			n.Publish = append(n.Publish, name+".reply.>")
			continue
		}
		n.Publish = append(n.Publish, name+".node.>", name+".broadcast.agent.?")
	}
	for _, cluster := range clustersOf(c) {
		n.Subscribe = append(n.Subscribe, "choria.federation."+cluster+"."+side)
		if side == link.Federation && c.Stats.Publish == config.PublishTrue {
			n.Publish = append(n.Publish, "choria.federation."+cluster+".stats")
		}
	}
	return n
}
