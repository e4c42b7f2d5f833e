package relay

import (
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

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
	_, second := SecondSide(c)
	return second
}
