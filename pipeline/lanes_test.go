package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/fedrelay/fedrelay/pipeline"
)

// laneOfEach returns the lane at which each subject arrived. It fails the test if a subject arrived
// at two.
func (r *rig) laneOfEach(t *testing.T) map[string]int {
	t.Helper()
	lanes := map[string]int{}
	for lane, p := range r.publishers {
		for _, c := range p.seen {
			if other, ok := lanes[c.subject]; ok && other != lane {
				t.Errorf("copies to %s took lanes %d and %d", c.subject, other, lane)
			}
			lanes[c.subject] = lane
		}
	}
	return lanes
}

// nodes are n subjects.
func nodes(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint("c.node.", i))
	}
	return all
}

// However many targets a message has, and whoever sends it, a subject keeps its lane.
func TestASubjectKeepsItsLane(t *testing.T) {
	bothWays(t, func(t *testing.T, bring func(...[]string) []bring) {
		all := nodes(1000)
		batches := [][]string{{request("all", 0, all...)}}
		for i, subject := range all {
			batches = append(batches, []string{request("one", i, subject), request("two", i, subject, all[0])})
		}
		r := newRig(5, targetRouter{}, bring(batches...))
		r.runAll(t)
		used := map[int]int{}
		for _, lane := range r.laneOfEach(t) {
			used[lane]++
		}
		for lane := range 5 {
			if used[lane] < 150 {
				t.Errorf("lane %d has %d of 1000 subjects", lane, used[lane])
			}
		}
	})
}

func TestCopiesOfALaneStayInTheOrderOfTheTargets(t *testing.T) {
	targets := nodes(500)
	r := newRig(7, targetRouter{}, inline([]string{request("a", 1, targets...)}))
	r.runAll(t)
	lanes := r.laneOfEach(t)
	for lane, p := range r.publishers {
		var want, got []string
		for _, subject := range targets {
			if lanes[subject] == lane {
				want = append(want, subject)
			}
		}
		for _, c := range p.seen {
			got = append(got, c.subject)
		}
		if !slices.Equal(want, got) {
			t.Errorf("lane %d: %v, want %v", lane, got, want)
		}
	}
}

func TestAPayloadIsLaidOutOnceForAllLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const payload = 600_000
		s := &script{client: "a", serial: 1, verdict: serve, size: payload, targets: nodes(2000)}
		r := newRig(32, scriptRouter{}, inline([]string{s.String()}))
		for _, p := range r.publishers {
			p.terse = true
		}
		gate := r.gate()
		r.end()
		done := r.start(t.Context())
		synctest.Wait()
		if lent := r.pool.Lent(); lent > 2*payload {
			t.Errorf("%d bytes are lent for a payload of %d", lent, payload)
		}
		close(gate)
		<-done
		r.check(t)
	})
}

// Of several lanes only those publish at once whose publisher is prompt.
func TestWhoIsPromptIsServedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(3, targetRouter{}, inline([]string{request("a", 1, nodes(60)...)}))
		var atOnce [3]int
		taken := make(chan struct{})
		for lane, p := range r.publishers {
			p.prompt = func() bool { return lane != 1 }
			p.called = func(*pipeline.Egress) {
				select {
				case <-taken:
				default:
					atOnce[lane]++
				}
				if lane == 1 {
					<-taken
				}
			}
		}
		r.Source = afterEach{r.source, func() { close(taken) }}
		r.runAll(t)
		if atOnce[0] != 1 || atOnce[2] != 1 || len(r.publishers[1].seen) == 0 {
			t.Errorf("%v calls at once; the lane that is not prompt has %d copies", atOnce, len(r.publishers[1].seen))
		}
	})
}

// afterEach calls a function after each Take.
type afterEach struct {
	pipeline.Source
	call func()
}

func (s afterEach) Run(ctx context.Context, line pipeline.Line) {
	s.Source.Run(ctx, calling{line, s.call})
}

type calling struct {
	pipeline.Line
	call func()
}

func (c calling) Take(b *pipeline.Batch) {
	c.Line.Take(b)
	c.call()
}

// setLanes waits until r is idle, and gives it so many lanes: old ones, as far as there are, and
// new ones.
func (r *rig) setLanes(n int) {
	synctest.Wait()
	if idle, _ := r.Idle(); !idle {
		panic("not idle")
	}
	for len(r.publishers) < n {
		r.publishers = append(r.publishers, &memoryPublisher{ledger: &r.ledger})
	}
	var all []pipeline.Publisher
	for _, p := range r.publishers[:n] {
		all = append(all, p)
	}
	r.SetLanes(all)
}

// The number of lanes changes again and again, with traffic before and after.
func TestLanesComeAndGo(t *testing.T) {
	for way, more := range ways {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, 7))
			w := &scriptWriter{Rand: random, clients: 4, heavy: 5}
			var batches [][]*script
			for range 60 {
				batches = append(batches, w.batch(12))
			}
			r := newRig(1, scriptRouter{}, bringScripts(batches, func() bool { return more(random) }))
			r.CountSubjects = true
			taken := 0
			r.Source = afterEach{r.source, func() {
				if taken++; taken%3 == 0 {
					r.setLanes(1 + random.IntN(9))
				}
			}}
			r.runAll(t)
			if d := r.diff(t, batches); d != "" {
				t.Errorf("%s: %s", way, d)
			}
			subjects := map[string]bool{}
			for _, c := range r.all() {
				subjects[c.subject] = true
			}
			if got, want := r.Subjects(), len(subjects); got < want*9/10 || got > want*11/10 {
				t.Errorf("%s: counted %d subjects, there are %d", way, got, want)
			}
		})
	}
}

// Goroutines of lanes that are gone end at once, while the pipeline runs on.
func TestALaneThatIsGoneEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(1, targetRouter{}, nil)
		done := r.start(t.Context())
		for _, n := range []int{32, 3, 1, 64, 1} {
			r.setLanes(n)
			r.source.batches <- bring{messages: []string{request("a", n, nodes(2000)...)}}
			synctest.Wait()
			used := 0
			for _, p := range r.publishers {
				used += min(1, len(p.seen))
				p.seen, p.when = nil, nil
			}
			if used != n {
				t.Errorf("%d of %d lanes are used", used, n)
			}
		}
		r.end()
		<-done
		r.check(t)
	})
}
