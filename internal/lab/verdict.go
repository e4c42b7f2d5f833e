package lab

import (
	"fmt"
	"os"
	"strings"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/internal/record"
)

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

// costs divides what the relay has used into copies and replies. See the package comment.
func (m *measurement) costs() record.Costs {
	c := record.Costs{CPUPerCopy: m.calibration.perCopy, RSSPeak: m.watch.PeakRSS()}
	used := float64(m.end.CPU-m.begin.CPU) - m.calibration.idle*float64(m.end.At-m.begin.At)
	rest := used/1e3 - c.CPUPerCopy*float64(m.published())
	if replies := m.gen.Counts().Replies; replies > 0 && c.CPUPerCopy > 0 {
		c.CPUPerReply = max(0, rest/float64(replies))
	}
	return c
}

// published is how many copies the relay should have published.
func (m *measurement) published() int64 {
	n := int64(m.gen.Live().Requests)
	if m.opts.Load.Broadcast {
		return n
	}
	return n * int64(m.opts.Load.Targets)
}

// passed reads the counters on both sides of the relay.
func (m *measurement) passed() passed {
	c := m.gen.Counts()
	p := passed{messages: c.Messages, arrived: c.Copies, replies: c.Replies + c.Strays}
	if m.nodes != nil {
		p.answered = m.nodes.Stats().Answered
	}
	return p
}

// judge notes the reasons not to trust the run.
func (m *measurement) judge(run *record.Run) {
	c := m.gen.Counts()
	if c.Corrupt > 0 {
		m.problem("%d replies were not what their node had sent (%d were looked at)", c.Corrupt, c.Checked)
	}
	if c.Strays > 0 {
		m.problem("%d replies came to requests that nobody has asked", c.Strays)
	}
	if m.nodes != nil {
		m.judgeNodes(m.nodes.Stats(), &run.Totals)
	}
	s := seen{before: m.passedBefore, after: m.passed(), fanOut: 1, nodes: m.nodes != nil}
	if m.opts.Load.Broadcast {
		s.fanOut = int64(m.roster.Len())
	}
	m.problems = append(m.problems, s.disagree(run.Relay)...)
}

func (m *measurement) judgeNodes(n fleet.NodeStats, t *record.Totals) {
	if n.Refused > 0 {
		m.problem("%d messages at nodes were no requests", n.Refused)
	}
	if n.Dropped+n.Errors+n.Failed > 0 {
		t.GeneratorBound = true
		t.Why = fmt.Sprintf("the simulated nodes were too slow and lost %d copies themselves (%d errors)", n.Dropped, n.Errors+n.Failed)
	}
}
