package service

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

// A visit is a Server on one session.
type visit struct {
	server  *Server
	duties  Duties
	session *link.Session
	ctx     context.Context // of the visit
	cancel  context.CancelFunc
	speaks  context.Context // for how long statistics are published
	hush    context.CancelFunc
	running sync.WaitGroup // everything that the visit has started, but for replacing
	probes  chan struct{}  // holds one for each probe under way
	leaving atomic.Bool    // the visit that has replaced this one gets all questions

	replacing sync.WaitGroup // the end of the visit before

	// Set by open, then read-only.
	registers bool            // the login may register a micro service
	answers   map[string]bool // clusters whose questions it may get

	// Guarded by mu.
	mu     sync.Mutex
	denied map[string]bool      // subjects of statistics that may not be published
	muted  map[string]time.Time // until when inboxes get no answer, by inboxKey

	missing map[string][]string // what each cluster lacks; guarded by mu of the server
}

// probesAtOnce is how many probes may be under way. They wait for servers.
const probesAtOnce = 4

func newVisit(ctx context.Context, s *Server, session *link.Session) *visit {
	v := &visit{
		server: s, duties: s.duty(), session: session, probes: make(chan struct{}, probesAtOnce),
		answers: map[string]bool{}, denied: map[string]bool{}, muted: map[string]time.Time{},
		missing: map[string][]string{},
	}
	v.ctx, v.cancel = context.WithCancel(ctx)
	v.speaks, v.hush = context.WithCancel(v.ctx)
	session.OnDenied(v.onDenied)
	return v
}

// replace ends the visit before, if there is one, when no question needs it any more: servers of a
// cluster learn one after the other who listens, and answers may be under way. It does not block.
func (v *visit) replace(before *visit) {
	if before == nil {
		return
	}
	before.hush()
	v.replacing.Go(func() {
		select {
		case <-time.After(v.server.times.overlap):
		case <-v.ctx.Done():
		}
		before.drain(v.ctx)
		before.end()
	})
}

// drain answers the questions that have come. It blocks for as long as a probe at most, and no
// longer than until ctx ends.
func (v *visit) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, v.server.times.probe)
	defer cancel()
	v.leaving.Store(true)
	for range probesAtOnce { // nats.go does not know of probes, and would close their connection
		select {
		case v.probes <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
	if v.session.Conn.Drain() != nil {
		return // it has ended
	}
	select {
	case <-v.session.Done():
	case <-ctx.Done():
	}
}

// alone blocks until v, which may be nil, has replaced the visit before.
func (v *visit) alone() {
	if v != nil {
		v.replacing.Wait()
	}
}

// end ends the visit and its session, and blocks until nothing of them is running. v may be nil, or
// have ended.
func (v *visit) end() {
	if v == nil {
		return
	}
	v.cancel()
	v.running.Wait()
	v.replacing.Wait()
	v.session.Close()
}

// lacks reports whether the login lacks something, so that another session may do better later.
func (v *visit) lacks() bool {
	return v.duties.Answer && (!v.registers || len(v.answers) < len(v.server.options.Instances))
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
	for !v.useless() {
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
		}
	}
	return nil
}

// useless reports whether all that was left to do are statistics, which are denied.
func (v *visit) useless() bool {
	return !v.registers && len(v.answers) == 0 && v.quiet()
}

// publish publishes the statistics of all instances at each interval. It blocks until the visit
// ends, or until nothing may be published.
func (v *visit) publish() {
	if v.duties.Publish == config.PublishFalse {
		return
	}
	tick := time.NewTicker(v.duties.Interval)
	defer tick.Stop()
	for first := true; ; first = false {
		for _, i := range v.server.options.Instances {
			v.publishOnce(i)
		}
		if first {
			v.hear()
		}
		select {
		case <-v.speaks.Done():
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
	return v.denied[subject] && v.duties.Publish == config.PublishAuto
}

// quiet reports whether no statistics are to be published.
func (v *visit) quiet() bool {
	for _, i := range v.server.options.Instances {
		if v.duties.Publish != config.PublishFalse && !v.silent(StatisticsSubject(i.Cluster)) {
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
	v.lack(answersDenied(v.session.Choria(), subject))
}

// lack notes what is missing for all clusters.
func (v *visit) lack(text string) {
	for _, i := range v.server.options.Instances {
		v.server.addMissing(v, i.Cluster, text)
	}
}

func (v *visit) statisticsDenied(subject string) {
	v.mu.Lock()
	v.denied[subject] = true
	v.mu.Unlock()
	if v.duties.Publish == config.PublishTrue {
		v.lack(statisticsDenied(v.session.Choria(), subject))
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
