package relay

import (
	"bytes"
	"cmp"
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

// A RefusedError says why a reload has changed nothing. It lists everything that speaks against it.
type RefusedError struct{ Reasons []link.Finding }

func (e *RefusedError) Error() string {
	var all []string
	for _, r := range e.Reasons {
		all = append(all, strings.TrimPrefix(r.Error(), ": "))
	}
	return strings.Join(all, "\n")
}

// ErrEnding says that a reload comes too late.
var ErrEnding = errors.New("the relay is about to end, and takes no other settings")

// Reload takes other settings into use, all of them or none, while messages are carried. It returns
// what has changed, one line each and without secrets, or nothing if c says what is in force. The
// error is a *RefusedError or ErrEnding, and then nothing has changed.
//
// Messages that have been read are judged by the settings of before. Where a connection has to be
// made in another way the next one is in use before the old one ends, so nothing is lost. That goes
// on after Reload has returned; Ready and Warnings tell about it. Reload blocks for files, and for
// another call of it.
func (p *Process) Reload(c config.Config) (changes []string, err error) {
	p.reloading.Lock()
	defer p.reloading.Unlock()
	if p.relays[0].draining.Load() {
		return nil, ErrEnding
	}
	next, reasons := p.prepare(c)
	if len(reasons) > 0 {
		return nil, &RefusedError{reasons}
	}
	for _, change := range next.changes {
		changes = append(changes, change.String())
	}
	changes = append(changes, p.otherFiles(&next)...)
	for i, r := range p.relays {
		r.apply(next, i, len(changes) > 0)
	}
	p.settings.Store(&c)
	p.reloadService(next)
	return changes, nil
}

// otherFiles says which files hold something else than what is in use, although their names are
// those of before.
func (p *Process) otherFiles(next *prepared) (changes []string) {
	for i, s := range p.relays[0].sides {
		if !next.otherSide[i] && !p.madeLike(i, next.sides[0][i].Read()) {
			next.otherFiles[i] = true
			changes = append(changes, s.name+": credentials or certificates have changed in their files")
		}
	}
	if !next.concerns("return_address") && !sameKeys(p.relays[0].seals.sealing, next.sealing[0]) {
		changes = append(changes, "return_address.keys: the keys have changed in their file")
	}
	return changes
}

// madeLike reports whether all connections to the i-th side were made by what r has read.
func (p *Process) madeLike(i int, r link.Reading) bool {
	for _, relay := range p.relays {
		s := relay.sides[i]
		if !s.receive.MadeLike(r) {
			return false
		}
		for _, l := range s.publishes.allLanes() {
			if !l.link.MadeLike(r) {
				return false
			}
		}
	}
	return true
}

func sameKeys(a, b sealing) bool {
	if a.ring == nil || b.ring == nil {
		return a.ring == b.ring
	}
	return bytes.Equal(a.ring.Keys().AppendFile(nil), b.ring.Keys().AppendFile(nil))
}

// prepared is new settings, with everything made of them that could fail.
type prepared struct {
	config     config.Config
	changes    []config.Change
	otherSide  [2]bool             // the settings of a side have changed
	otherFiles [2]bool             // what its files hold has changed
	sides      [][2]*link.Endpoint // of each relay
	sealing    []sealing           // of each relay
}

// prepare checks new settings. It changes nothing.
func (p *Process) prepare(c config.Config) (next prepared, reasons []link.Finding) {
	refuse := func(key, text string) { reasons = append(reasons, link.Finding{Key: key, Text: text}) }
	next = prepared{config: c, changes: config.Changes(*p.settings.Load(), c)}
	for _, change := range next.changes {
		if change.Restart != "" {
			refuse(change.Path, "needs a restart: "+change.Restart)
		}
	}
	if len(reasons) > 0 {
		return next, reasons // what else is wrong may follow from that
	}
	var problems config.Problems
	if err := c.Validate(); errors.As(err, &problems) {
		for _, problem := range problems {
			refuse(problem.Key, problem.Text)
		}
		return next, reasons
	}
	reasons, _ = CheckCredentials(c, time.Now())
	for _, r := range p.relays {
		sides, err1 := r.newEndpoints(c)
		sealing, err2 := newSealing(c.ReturnAddress)
		if err := errors.Join(err1, err2); err != nil {
			refuse("", err.Error())
			return next, reasons // the others are the same
		}
		next.sides, next.sealing = append(next.sides, sides), append(next.sealing, sealing)
	}
	for i := range next.otherSide {
		next.otherSide[i] = !reflect.DeepEqual(sideOf(*p.settings.Load(), i), sideOf(c, i))
	}
	return next, reasons
}

// concerns reports whether one of the changes is in one of sections.
func (n prepared) concerns(sections ...string) bool {
	for _, c := range n.changes {
		for _, s := range sections {
			if c.Path == s || strings.HasPrefix(c.Path, s+".") {
				return true
			}
		}
	}
	return false
}

// newEndpoints returns what replaces the endpoints of both sides.
func (r *Relay) newEndpoints(c config.Config) (both [2]*link.Endpoint, err error) {
	for i, s := range r.sides {
		e, failed := link.NewEndpoint(s.name, sideOf(c, i))
		both[i], err = e, errors.Join(err, failed)
	}
	return both, err
}

// sideOf returns the settings of the i-th side.
func sideOf(c config.Config, i int) config.Side {
	if i == 0 {
		return c.Federation
	}
	_, second := secondSide(c)
	return second
}

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
	r.request.renewLogins()
	r.reply.renewLogins()
}
