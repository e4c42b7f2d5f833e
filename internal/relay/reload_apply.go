package relay

import (
	"cmp"
	"slices"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

// apply takes what was prepared for the i-th relay into use. changed says whether anything has
// changed that Reload knows of. It cannot fail.
func (r *Relay) apply(next prepared, i int, changed bool) {
	for side, s := range r.sides {
		// Each link finds out by itself whether its connection is up to date. Without files all of
		// them are, unless the settings have changed.
		if e := next.sides[i][side]; next.otherSide[side] || e.HasFiles() || s.endpoint.Latest().HasFiles() {
			s.endpoint.Replace(e)
		}
	}
	r.credentials.look()
	if !changed {
		return
	}
	c := next.config
	c.Cluster = r.cfg.Cluster
	r.settings.Store(&c)
	if next.concerns("return_address") || !sameKeys(r.seals.sealing, next.sealing[i]) {
		r.seals.use(next.sealing[i])
	}
	requests, replies := r.newRules(c)
	r.request.pipeline.SetRules(requests)
	r.reply.pipeline.SetRules(replies)
	for _, p := range []*path{r.request, r.reply} {
		p.notes.setInterval(c.Log.DropInterval)
		p.source.SetWeight(c.Weight)
	}
	if next.concerns("allow", "compat") {
		r.setRights(c)
	}
}

// outdated says which connections could not be made anew yet as a reload wants it. It is one of
// Relay.warners.
func (r *Relay) outdated() (all []string) {
	for _, s := range r.sides {
		links := []*link.Link{s.receive}
		for _, l := range s.publishes.inUse() {
			links = append(links, l.link)
		}
		for _, l := range links {
			if st := l.Status(); st.Outdated {
				all = append(all, s.name+": still connected as before the reload: "+cmp.Or(st.LastError, "another connection is being made"))
				break
			}
		}
	}
	return all
}

// setRights has new logins judged by what they must be allowed to do now.
func (r *Relay) setRights(c config.Config) {
	request, reply := directionsOf(c)
	r.request.rightsNow.Store(&request.rights)
	r.reply.rightsNow.Store(&reply.rights)
	for _, p := range []*path{r.request, r.reply} {
		for _, l := range slices.Concat(p.idlers(), p.inUse()) { // idlers first: they come into use
			l.publisher.Rejudge()
		}
	}
}
