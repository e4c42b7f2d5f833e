package config

import (
	"cmp"
	"fmt"
	"strings"
)

// Summary returns one line about c for an operator who checks a configuration.
func (c Config) Summary() string {
	if c.IsEdge() {
		return fmt.Sprintf("edge of clusters %s, group %s, identity %s, federation %s, line %s, wire %s, http %s",
			strings.Join(c.Edge.Clusters, ", "), c.Edge.Group, c.Identity, c.Federation.summary(), c.Line.summary(),
			c.Edge.Wire, c.HTTP.Listen)
	}
	collective := c.Collective.summary()
	if c.Collective.usesSRV() {
		collective += " (else puppet:4222)"
	}
	return fmt.Sprintf("cluster %s, identity %s, federation %s, collective %s, http %s",
		c.Cluster, c.Identity, c.Federation.summary(), collective, c.HTTP.Listen)
}

func (s Side) summary() string {
	switch {
	case len(s.Servers) > 0:
		return strings.Join(maskServers(s.Servers), ",")
	case s.Context != "":
		return "context " + s.Context
	}
	return "SRV in " + cmp.Or(s.SRV.Domain, "the domain of this host")
}
