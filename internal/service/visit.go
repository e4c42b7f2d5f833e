package service

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

// A visit is a Server on one session.
type visit struct {
	server  *Server
	session *link.Session
	ctx     context.Context // of the visit
	id      string          // of the instances, for as long as the visit lasts
	running sync.WaitGroup  // everything that the visit has started
	probes  chan struct{}   // holds one for each probe under way

	// Set by open, then read-only.
	registers bool            // the login may register a micro service
	answers   map[string]bool // clusters whose questions it may get

	// Guarded by mu.
	mu     sync.Mutex
	denied map[string]bool      // subjects of statistics that may not be published
	muted  map[string]time.Time // until when inboxes get no answer, by inboxKey
}

// probesAtOnce is how many probes may be under way. They wait for servers.
const probesAtOnce = 4

func newVisit(ctx context.Context, s *Server, session *link.Session) *visit {
	v := &visit{
		server: s, session: session, ctx: ctx, id: rand.Text(), probes: make(chan struct{}, probesAtOnce),
		answers: map[string]bool{}, denied: map[string]bool{}, muted: map[string]time.Time{},
	}
	session.OnDenied(v.onDenied)
	return v
}

// serves reports whether there is anything that the login may do, or may perhaps do.
func (v *visit) serves() bool {
	return v.registers || len(v.answers) > 0 || v.server.options.Publish != config.PublishFalse
}

// lacks reports whether the login lacks something, so that another session may do better later.
func (v *visit) lacks() bool {
	return v.server.options.Answer && (!v.registers || len(v.answers) < len(v.server.options.Instances))
}

// hold blocks until the session or the visit ends, or until there is a reason for another session.
// Only the end of the session is an error.
func (v *visit) hold() error {
	tick := time.NewTicker(v.server.times.check)
	defer tick.Stop()
	var again <-chan time.Time
	if v.lacks() {
		again = time.After(jittered(v.server.times.again))
	}
	for {
		select {
		case <-v.ctx.Done():
			return nil
		case <-v.session.Done():
			return v.session.Err()
		case <-v.server.renew:
			return nil
		case <-again:
			return nil
		case <-tick.C:
			if v.session.Unsubscribed() {
				return nil // a right was taken away
			}
			if v.useless() {
				return nil
			}
		}
	}
}

// useless reports whether all that was left to do are statistics, which are denied.
func (v *visit) useless() bool {
	return !v.registers && len(v.answers) == 0 && v.quiet()
}

// publish publishes the statistics of all instances at each interval. It blocks until the visit
// ends, or until nothing may be published.
func (v *visit) publish() {
	o := v.server.options
	if o.Publish == config.PublishFalse {
		return
	}
	tick := time.NewTicker(o.Interval)
	defer tick.Stop()
	for first := true; ; first = false {
		for _, i := range o.Instances {
			v.publishOnce(i)
		}
		if first {
			v.hear()
		}
		select {
		case <-v.ctx.Done():
			return
		case <-tick.C:
		}
		if v.quiet() {
			return
		}
	}
}

// hear blocks until the server's answer to the first statistics is known. If they are denied, no
// second denial gets into the server's log.
func (v *visit) hear() {
	ctx, cancel := context.WithTimeout(v.ctx, rightsTimeout)
	defer cancel()
	if err := v.round(ctx); err != nil && v.session.Alive() {
		v.server.options.Log.Debug("the server is slow to answer the first statistics", "error", err)
	}
}

func (v *visit) publishOnce(i Instance) {
	subject := StatisticsSubject(i.Cluster)
	if v.silent(subject) {
		return
	}
	document, err := json.Marshal(i.Statistics())
	if err == nil {
		err = v.session.Conn.Publish(subject, document)
	}
	if err != nil && v.session.Alive() {
		v.server.options.Log.Warn("cannot publish the statistics", "error", err)
	}
}

// silent reports whether statistics on subject are not to be published.
func (v *visit) silent(subject string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.denied[subject] && v.server.options.Publish == config.PublishAuto
}

// quiet reports whether no statistics are to be published.
func (v *visit) quiet() bool {
	for _, i := range v.server.options.Instances {
		if v.server.options.Publish != config.PublishFalse && !v.silent(StatisticsSubject(i.Cluster)) {
			return false
		}
	}
	return true
}

// onDenied is called with the subject of each publish that the server denies. It does not block.
func (v *visit) onDenied(subject string) {
	for _, i := range v.server.options.Instances {
		if subject == StatisticsSubject(i.Cluster) {
			v.statisticsDenied(subject)
			return
		}
	}
	v.mute(subject)
	v.server.addMissing(answersDenied(v.session.Choria(), subject))
}

func (v *visit) statisticsDenied(subject string) {
	v.mu.Lock()
	v.denied[subject] = true
	v.mu.Unlock()
	if v.server.options.Publish == config.PublishTrue {
		v.server.addMissing(statisticsDenied(v.session.Choria(), subject))
		return
	}
	v.server.options.Log.Debug("the login may not publish statistics; none until the next connect", "subject", subject)
}

// mute withholds answers from inboxes like the denied one for a while, because the server's log has
// a line for each.
func (v *visit) mute(inbox string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(v.muted, func(_ string, until time.Time) bool { return now.After(until) })
	if len(v.muted) < mostMuted {
		v.muted[inboxKey(inbox)] = now.Add(v.server.times.mute)
	}
}

// mostMuted bounds how many kinds of inboxes are remembered.
const mostMuted = 64

func (v *visit) isMuted(inbox string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return time.Now().Before(v.muted[inboxKey(inbox)])
}
