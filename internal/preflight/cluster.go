package preflight

import (
	"context"
	"slices"
	"strings"
)

// clusterName warns of a name that nodes with Choria's tokens may not answer to. A Choria broker
// lets a node publish to choria.federation.C.collective only for the collectives C in its token, or
// where the token lists that subject. A node that may not answer leaves no trace at the relay.
func (s *side) clusterName(ctx context.Context) {
	name := s.o.Config.Cluster
	if s.cfg.Choria.Token == "" || name == "" {
		return
	}
	known := append([]string{"mcollective", "choria"}, s.o.Config.Allow.Collectives...)
	if slices.Contains(known, name) {
		return
	}
	if found, err := s.anybody(ctx, name+".broadcast.agent.discovery"); err == nil && found {
		s.add(idCluster, OK, "nodes of a collective named %s, as the cluster, are there", name)
		return
	}
	if replies := s.answered(ctx); replies > 0 {
		s.add(idCluster, OK, "nodes may answer to cluster %s: the relay that runs here has got %d replies", name, replies)
		return
	}
	c := s.add(idCluster, Warning, "no collective is known to be named %s, as the cluster is: with Choria's tokens a node may answer only to clusters that are named as one of its collectives, and nobody notices that its answers are denied; this is said until the relay on this host has got a reply", name)
	c.Where = s.o.where("cluster")
	c.Fix = []string{
		"name the cluster as a collective of all its nodes (" + strings.Join(s.collectives(), ", ") + "?), list it in allow.collectives if it is one, or make the tokens of all nodes with",
		"    " + NodeToken([]string{name}),
	}
}
