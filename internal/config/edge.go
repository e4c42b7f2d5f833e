package config

import (
	"reflect"
	"slices"
	"strings"
)

// meansEdge reports whether somebody meant to configure an edge, perhaps with mistakes.
func (c Config) meansEdge() bool {
	d := Default()
	return c.IsEdge() || c.Edge.Wire != d.Edge.Wire || !reflect.DeepEqual(c.Line, d.Line)
}

// meansEdge also knows which verb was used.
func (l *loader) meansEdge() bool { return l.src.Edge || l.config.meansEdge() }

// namedSide is one of the two networks, with the key of its section.
type namedSide struct {
	*Side
	key string
}

// sides returns the two networks that an edge or a relay has.
func (c *Config) sides(edge bool) [2]namedSide {
	second := namedSide{&c.Collective, "collective"}
	if edge {
		second = namedSide{&c.Line, "line"}
	}
	return [2]namedSide{{&c.Federation, "federation"}, second}
}

// sides returns those that the configuration is read for.
func (l *loader) sides() []namedSide {
	sides := l.config.sides(l.meansEdge())
	if l.src.Operator {
		return sides[:1]
	}
	return sides[:]
}

// edge checks what an edge has in the place of a cluster and a collective.
func (v *validator) edge(c Config) {
	if !c.IsEdge() {
		v.missing("edge.clusters", "edge.clusters", "is not set; add \"edge: {clusters: [london]}\" to the file, "+
			"or run fedrelay edge --cluster london; without it this is a relay, which has no line")
	}
	for i, name := range c.Edge.Clusters {
		v.edgeCluster(elementPath("edge.clusters", i), name, c.Edge.Clusters[:i])
		v.edgeSubject(elementPath("edge.clusters", i), name, c)
	}
	if c.IsEdge() {
		v.token("edge.group", c.Edge.Group, maxName)
		v.noMark("edge.group", c.Edge.Group)
	}
	v.oneOf("edge.wire", c.Edge.Wire, WireCompact, WireJSON)
	v.side("line", c.Line)
	if c.Cluster != "" {
		v.add("cluster", "is for a relay; an edge has edge.clusters")
	}
	if c.OneNetwork {
		v.add("one_network", "is for a relay; an edge between two ends of one network carries nothing, so remove it")
	}
	if !reflect.DeepEqual(c.Collective, Default().Collective) {
		v.add("collective", "is for a relay; the second side of an edge is line")
	}
}

func (v *validator) edgeCluster(key, name string, before []string) {
	if slices.Contains(before, name) {
		v.add(key, "%s is there twice; remove one", quoted(name))
		return
	}
	v.dotted(key, name, maxCluster)
	v.noMark(key, name)
}

// edgeSubject rejects names with which every request would be rejected, because its reply subject
// gets too long.
func (v *validator) edgeSubject(key, name string, c Config) {
	const others = len("mcollective.reply.edge..=.") + // see wire.AppendEdge
		len("mcollective.reply.0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef")
	n := others + len(c.Edge.Group) + len(name) + 1
	if most := c.Limits.SubjectLength; n > most {
		v.add(key, "this name and edge.group make reply subjects of %d bytes, more than limits.subject_length (%d): "+
			"shorten edge.group, or raise the limit here and at the relays", n, most)
	}
}

// noMark rejects what ends the name of an edge in a reply subject (wire.SplitAddress), and stands
// for the dots of a cluster there.
func (v *validator) noMark(key, name string) {
	if strings.Contains(name, "=") {
		v.add(key, "%s has \"=\" in it, which has a meaning of its own in reply subjects", quoted(name))
	}
}

// finishGroup sets the default of edge.group, which follows from the identity.
func (l *loader) finishGroup() {
	c := l.config
	if !c.IsEdge() || c.Edge.Group != "" || c.Identity == "" {
		return
	}
	c.Edge.Group = strings.Map(func(r rune) rune {
		if notInToken(r) || r == '=' {
			return '_'
		}
		return r
	}, c.Identity)
	c.Edge.Group = c.Edge.Group[:min(len(c.Edge.Group), maxName)]
	l.origins["edge.group"] = Origin{Name: "default: the identity"}
}
