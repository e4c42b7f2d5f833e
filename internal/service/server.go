package service

import (
	"context"
	cryptorand "crypto/rand"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/state"
)

// An Instance is what a Server speaks for: a relay, or the part of an edge that serves a cluster.
type Instance struct {
	Cluster, Identity string
	Source            state.Source
	// Statistics returns the document of the original broker.
	Statistics func() state.Statistics
}

// Options are what New needs.
type Options struct {
	Endpoint  *link.Endpoint // of the federation side
	Name      string         // of the connection
	Version   string         // of the program
	Instances []Instance     // one for each cluster
	Log       *slog.Logger
	Duties    // at first; Change sets others
	// Up returns the number of the latest session that the relay itself has on the federation side,
	// and whether that is up. While it is down the Server does not try, either.
	Up func() (epoch uint64, up bool)
}

// Duties are what a Server does.
type Duties struct {
	// Answer says whether questions are answered.
	Answer bool
	// Publish says whether statistics are published, each Interval.
	Publish  config.Publish
	Interval time.Duration
}

func (d Duties) none() bool { return !d.Answer && d.Publish == config.PublishFalse }

// A Server speaks for the instances of one process. All methods but Run may be called at any time
// from any goroutine, and do not block.
type Server struct {
	options Options
	id      string // in answers, so that those of two sessions count once
	times   times
	turns   turns // has a lock of its own
	renew   chan struct{}

	// Guarded by mu.
	mu      sync.Mutex
	duties  Duties              // of the next visit
	missing map[string][]string // what each cluster lacks, as sentences: that of the latest visit
	logged  map[string]bool     // sentences that the log has
}

// times are how long things take. Tests hurry them.
type times struct {
	look    time.Duration // between two looks at the relay's own connection
	check   time.Duration // between two looks at our session
	first   time.Duration // the first wait after a failure; each further one is twice as long
	longest time.Duration
	again   time.Duration // after which a login is tried again that lacks rights
	mute    time.Duration // how long inboxes get no answers where one was denied
	probe   time.Duration // for Source.Probe
	overlap time.Duration // for which two sessions hear questions when one replaces the other
}

// New returns a Server that does nothing until Run.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Up == nil {
		o.Up = func() (uint64, bool) { return 1, true }
	}
	return &Server{
		options: o, duties: o.Duties, id: cryptorand.Text(),
		times: times{
			look: 100 * time.Millisecond, check: time.Second, first: time.Second, longest: time.Minute,
			again: time.Hour, mute: time.Minute, probe: 3 * time.Second, overlap: 250 * time.Millisecond,
		},
		renew: make(chan struct{}, 1), missing: map[string][]string{}, logged: map[string]bool{},
	}
}

// Warnings returns what the login may not do for a cluster, one sentence each.
func (s *Server) Warnings(cluster string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.missing[cluster])
}

// Change gives the Server other duties.
func (s *Server) Change(d Duties) {
	s.mu.Lock()
	s.duties = d
	s.mu.Unlock()
	s.Renew()
}

func (s *Server) duty() Duties {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.duties
}

// Renew makes the Server connect anew, because the login or its rights may be others.
func (s *Server) Renew() {
	select {
	case s.renew <- struct{}{}:
	default:
	}
}

// Run serves until ctx ends. It blocks, and connects again for ever. A session that is to be
// replaced goes on until the next one answers: a question that nobody hears is an instance that
// an operator misses without a word.
func (s *Server) Run(ctx context.Context) {
	var last *visit // that has not ended; nil without one
	defer func() { last.end() }()
	wait := s.times.first
	for s.awaitRelay(ctx) {
		if s.duty().none() {
			last.end()
			last = nil
			s.warnOf(nil)
			s.awaitRenewal(ctx)
			continue
		}
		epoch, _ := s.options.Up()
		began := time.Now()
		next, err := s.begin(ctx, last)
		if err == nil {
			last, err = next, next.hold()
			if err != nil || next.useless() {
				next.end()
				last = nil
			}
		}
		if ctx.Err() == nil && err == nil && last == nil {
			s.awaitChange(ctx, epoch)
		}
		if err == nil || time.Since(began) > s.times.longest {
			wait = s.times.first
		}
		if err != nil && ctx.Err() == nil {
			s.options.Log.Debug("no connection for operators now; trying again", "error", err)
			s.pause(ctx, wait)
			wait = min(2*wait, s.times.longest)
		}
	}
}

// awaitRelay blocks until the relay itself is connected. It returns false if ctx ends before.
func (s *Server) awaitRelay(ctx context.Context) bool {
	tick := time.NewTicker(s.times.look)
	defer tick.Stop()
	for {
		if _, up := s.options.Up(); up && ctx.Err() == nil {
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}

// awaitRenewal blocks until Renew or Change is called, or until ctx ends.
func (s *Server) awaitRenewal(ctx context.Context) {
	select {
	case <-s.renew:
	case <-ctx.Done():
	}
}

// awaitChange blocks until the relay has another session than that of epoch, until Renew is called,
// or for an hour.
func (s *Server) awaitChange(ctx context.Context, epoch uint64) {
	tick := time.NewTicker(s.times.check)
	defer tick.Stop()
	hour := time.After(jittered(s.times.again))
	for {
		select {
		case <-tick.C:
			if now, _ := s.options.Up(); now != epoch {
				return
			}
		case <-hour:
			return
		case <-s.renew:
			return
		case <-ctx.Done():
			return
		}
	}
}

// pause blocks for about d, until Renew is called, or until ctx ends.
func (s *Server) pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(jittered(d)):
	case <-s.renew:
	case <-ctx.Done():
	}
}

// jittered returns d, give or take a half.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d+1) }

// begin makes a session and serves on it, in the place of before, which may be nil. It blocks until
// questions are heard. If it fails before goes on. There are never more than two at a time.
func (s *Server) begin(ctx context.Context, before *visit) (*visit, error) {
	before.alone()
	session, err := link.Single(ctx, s.options.Endpoint, s.options.Name)
	if err != nil {
		return nil, err
	}
	v := newVisit(ctx, s, session)
	if err := v.open(); err != nil {
		v.end()
		return nil, err
	}
	s.warnOf(v.missing)
	v.replace(before)
	v.running.Go(v.publish)
	return v, nil
}

// warnOf makes the warnings be about what the visit lacks that serves from now on.
func (s *Server) warnOf(missing map[string][]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.missing = missing
	s.logMissing()
}

// addMissing adds to what the login of v lacks for a cluster, unless that is known. A visit that
// has been replaced may still do so, which is no warning any more.
func (s *Server) addMissing(v *visit, cluster, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(v.missing[cluster], text) {
		v.missing[cluster] = append(v.missing[cluster], text)
	}
	s.logMissing()
}

// logMissing logs what is new among the warnings. mu is held.
func (s *Server) logMissing() {
	for _, i := range s.options.Instances {
		for _, text := range s.missing[i.Cluster] {
			if !s.logged[text] {
				s.options.Log.Info(text)
			}
			s.logged[text] = true
		}
	}
}
