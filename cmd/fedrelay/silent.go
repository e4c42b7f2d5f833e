package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/explain"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// silent returns the members of the queue groups that are none of the instances that have answered,
// whose identities are given by cluster. It is empty where the servers do not trace messages.
func (o *operator) silent(ctx context.Context, answered map[string][]string) (all []string) {
	for _, cluster := range o.clusters {
		members, err := service.Silent(ctx, o.session.Conn, cluster, answered[cluster])
		if err != nil {
			continue // another server, or a login with fewer rights: then it is not known
		}
		for _, m := range members {
			all = append(all, m.String())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// silentBeside is silent for a question whose answers name nobody: who answers is asked for. counts
// are how many have answered, by cluster.
func (o *operator) silentBeside(ctx context.Context, counts map[string]int, patience time.Duration) []string {
	answered := map[string][]string{}
	for cluster, n := range counts {
		if n == 0 {
			continue
		}
		all, err := service.Ask[state.Instance](ctx, o.session.Conn, cluster, service.State, nil, patience, service.Expect(n))
		if err != nil || len(all) < n {
			return nil // then it is not known who has answered
		}
		for _, i := range all {
			answered[cluster] = append(answered[cluster], i.Identity)
		}
	}
	return o.silent(ctx, answered)
}

// identities are those of instances that have answered about a request, by cluster.
func identities(answered []state.Request) map[string][]string {
	all := map[string][]string{}
	for _, r := range answered {
		all[r.Cluster] = append(all[r.Cluster], r.Identity)
	}
	return all
}

// missing is what stands below a list that is not complete.
func missing(what string, silent []string) string {
	if len(silent) == 0 {
		return ""
	}
	return "\n" + explain.Silent(what, silent)
}

// warnSilent says on w who has not answered, where the output has no place for that.
func warnSilent(w io.Writer, silent []string) {
	if len(silent) > 0 {
		fmt.Fprintln(w, "fedrelay: warning: have not answered, so what they know is missing:", strings.Join(silent, ", "))
	}
}
