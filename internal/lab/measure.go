package lab

import (
	"context"
	"errors"
	"fmt"

	"github.com/fedrelay/fedrelay/internal/record"
)

// measurement is one run and what was observed besides. Owned by measure.
type measurement struct {
	*lab
	calibration  calibration
	begin, end   record.Sample // of the relay
	selfEnd      record.Sample // of this process
	books        []record.Ledger
	problems     []string
	passedBefore passed // before the books were read
}

func (m *measurement) problem(format string, args ...any) {
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
	l.opts.Phase("")
	run := l.gen.Record()
	m.fill(run)
	m.judge(run)
	return &Result{Run: run, Options: l.opts, Problems: m.problems, Interrupted: parent.Err() != nil}, nil
}

// whileRelayLives returns a context that ends also when a relay or edge that was started here does.
func (l *lab) whileRelayLives(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	for _, p := range l.processes() {
		go func() {
			select {
			case <-p.Done():
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

// prepare calibrates, and reads the books of the relay for the first time.
func (m *measurement) prepare(ctx context.Context) (err error) {
	if m.watch != nil {
		m.opts.Phase("learning what a copy costs")
		m.calibration, err = m.calibrate(ctx)
		if errors.Is(err, errUncarried) {
			m.problem("%s: what it costs is not known", err)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	for _, books := range []**reader{&m.lab.books, &m.lab.edges} {
		if *books == nil {
			continue
		}
		if err := (*books).start(); errors.Is(err, errNoMetrics) {
			*books = nil
		} else if err != nil {
			return cannotReach("%w", err)
		}
	}
	return nil
}

// ask lets the generator ask, and takes samples before and after.
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
	if m.relayEnded("") != nil {
		return
	}
	if m.nodes != nil {
		_ = m.nodes.Settle() // it fails if a server has gone, and the run has told
	}
	m.passedBefore = m.passed()
	m.readLedgers(m.lab.books, "")
	m.readLedgers(m.edges, edgePrefix)
}

// readLedgers adds the ledgers of one relay or edge. Those of the edge come later, because it goes
// on to receive what the relay sends.
func (m *measurement) readLedgers(r *reader, prefix string) {
	if r == nil {
		return
	}
	ledgers, err := r.ledgers()
	if err != nil {
		m.problem("%s", err)
	}
	for _, l := range ledgers {
		l.Path = prefix + l.Path
		m.books = append(m.books, l)
	}
}

// stopRelay ends a relay and an edge that were started here, and counts what they publish at the
// end.
func (m *measurement) stopRelay() {
	for name, p := range m.processes() {
		if err, ended := p.Ended(); ended {
			m.problem("the %s ended during the run: %s", name, err)
			return
		}
		m.opts.Phase("waiting for the " + name + " to drain and end")
		if err := p.Stop(m.opts.Stop); err != nil {
			m.problem("the %s stopped badly: %s", name, err)
		}
		_ = m.gen.Settle(context.Background()) // fails if a server has gone, and the run has told
	}
}

// Result is what a measurement yielded.
type Result struct {
	Run *record.Run
	// Options that were used, defaults included.
	Options Options
	// Problems are reasons not to trust the run, such as books that do not agree or a relay that
	// died.
	Problems []string
	// Interrupted says that the context ended before the run did.
	Interrupted bool
}
