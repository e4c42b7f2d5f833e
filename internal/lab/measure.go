package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/cost"
	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/record"
)

// measurement is one run and what goes with it. Owned by measure.
type measurement struct {
	*lab
	calibration calibration
	begin, end  record.Sample // of the relay
	selfEnd     record.Sample // of this process
	books       []record.Ledger
	problems    []string
	atBooks     passed // when the books were about to be read
}

func watchSelf(interval time.Duration) (*cost.Watcher, error) {
	return cost.Watch(os.Getpid(), interval)
}

func (m *measurement) say(format string, args ...any) {
	m.problems = append(m.problems, fmt.Sprintf(format, args...))
}

func (l *lab) measure(parent context.Context) (*Result, error) {
	ctx, stop := l.whileRelayLives(parent)
	defer stop()
	m := &measurement{lab: l}
	if err := m.prepare(ctx); err != nil {
		if dead := l.relayEnded("while it was calibrated"); dead != nil {
			return nil, dead
		}
		return nil, err
	}
	if err := m.ask(ctx); err != nil {
		return nil, err
	}
	m.readBooks()
	m.stopRelay()
	run := l.gen.Record()
	m.fill(run)
	m.judge(run)
	return &Result{Run: run, Options: l.opts, Problems: m.problems, Interrupted: parent.Err() != nil}, nil
}

// whileRelayLives returns a context that ends with a relay that was started here: there is nothing to wait for then.
func (l *lab) whileRelayLives(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	if l.relay != nil {
		go func() {
			select {
			case <-l.relay.done:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

// prepare calibrates and opens the relay's books.
func (m *measurement) prepare(ctx context.Context) (err error) {
	if m.watch != nil {
		m.calibration, err = m.calibrate(ctx)
		if errors.Is(err, errUncarried) {
			m.say("%s: what it costs is not known", err)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	if m.lab.books == nil {
		return nil
	}
	if err := m.lab.books.start(); errors.Is(err, errNoMetrics) {
		m.lab.books = nil
		return nil
	} else if err != nil {
		return cannotReach("%w", err)
	}
	return nil
}

// ask lets the generator run.
func (m *measurement) ask(ctx context.Context) error {
	if m.watch != nil {
		m.begin = m.watch.Sample()
	}
	m.self.Sample()
	if m.opts.Began != nil {
		defer m.opts.Began(m.gen.Live)()
	}
	if err := m.gen.Ask(ctx); err != nil {
		return err
	}
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.opts.Load.Timeout)
	defer cancel()
	if err := m.gen.Settle(settling); err != nil {
		return err
	}
	m.selfEnd = m.self.Sample()
	if m.watch != nil {
		m.end = m.watch.Sample()
	}
	return nil
}

func (m *measurement) readBooks() {
	if m.lab.books == nil || m.relayEnded("") != nil {
		return
	}
	if m.nodes != nil {
		_ = m.nodes.Settle() // if a server has gone, the run has told
	}
	m.atBooks = m.passed()
	var err error
	if m.books, err = m.lab.books.ledgers(); err != nil {
		m.say("%s", err)
	}
}

// stopRelay also brings out what the relay kept until the end.
func (m *measurement) stopRelay() {
	if m.relay == nil {
		return
	}
	if err, ended := m.relay.ended(); ended {
		m.say("the relay ended during the run: %s", err)
		return
	}
	if err := m.relay.stop(m.opts.Stop); err != nil {
		m.say("the relay stopped badly: %s", err)
	}
	_ = m.gen.Settle(context.Background()) // if a server has gone, the run has told
}

// fill adds to the record what only the lab knows.
func (m *measurement) fill(run *record.Run) {
	run.Meta.Relay = m.relayName()
	run.Self = m.self.Between(run.Meta.Started, m.selfEnd)
	run.Relay = m.books
	if m.watch == nil {
		return
	}
	run.Cost = m.watch.Between(run.Meta.Started, m.end)
	run.Costs = m.costs()
}

func (m *measurement) relayName() string {
	switch {
	case m.opts.Exec != "":
		return m.opts.Exec
	case m.opts.PID != 0:
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", m.opts.PID)); err == nil {
			return strings.TrimSpace(strings.ReplaceAll(string(text), "\x00", " "))
		}
		return fmt.Sprintf("process %d", m.opts.PID)
	}
	return ""
}

// costs divides what the relay has used. See the package comment.
func (m *measurement) costs() record.Costs {
	c := record.Costs{CPUPerCopy: m.calibration.perCopy, RSSPeak: m.watch.PeakRSS()}
	used := float64(m.end.CPU-m.begin.CPU) - m.calibration.idle*float64(m.end.At-m.begin.At)
	rest := used/1e3 - c.CPUPerCopy*float64(m.published())
	if replies := m.gen.Counts().Replies; replies > 0 && c.CPUPerCopy > 0 {
		c.CPUPerReply = max(0, rest/float64(replies))
	}
	return c
}

// published is how many copies a relay that loses nothing publishes.
func (m *measurement) published() int64 {
	n := int64(m.gen.Live().Requests)
	if m.opts.Load.Broadcast {
		return n
	}
	return n * int64(m.opts.Load.Targets)
}

// passed counts on both sides of the relay.
func (m *measurement) passed() passed {
	c := m.gen.Counts()
	p := passed{messages: c.Messages, arrived: c.Copies, replies: c.Replies + c.Strays}
	if m.nodes != nil {
		p.answered = m.nodes.Stats().Answered
	}
	return p
}

// judge lists what makes the run untrustworthy.
func (m *measurement) judge(run *record.Run) {
	c := m.gen.Counts()
	if c.Corrupt > 0 {
		m.say("%d replies were not what their node had sent (%d were looked at)", c.Corrupt, c.Checked)
	}
	if c.Strays > 0 {
		m.say("%d replies came to requests that nobody has asked", c.Strays)
	}
	if m.nodes != nil {
		m.judgeNodes(m.nodes.Stats(), &run.Totals)
	}
	s := seen{before: m.atBooks, after: m.passed(), fanOut: 1, nodes: m.nodes != nil}
	if m.opts.Load.Broadcast {
		s.fanOut = int64(m.roster.Len())
	}
	m.problems = append(m.problems, s.disagree(run.Relay)...)
}

func (m *measurement) judgeNodes(n fleet.NodeStats, t *record.Totals) {
	if n.Refused > 0 {
		m.say("%d messages at nodes were no requests", n.Refused)
	}
	if n.Dropped+n.Errors+n.Failed > 0 {
		t.GeneratorBound = true
		t.Why = fmt.Sprintf("the simulated nodes were too slow and lost %d copies themselves (%d errors)", n.Dropped, n.Errors+n.Failed)
	}
}
