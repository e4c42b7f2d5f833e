package sim

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
)

var (
	everyOperation = flag.Bool("every-operation", false, "let each single operation fail, also with the race detector")
	oneOperation   = flag.String("operation", "", "let only this operation fail: side/role/op/percent/n")
)

// targets are all kinds of connections and operations that an injection can name.
func targets() (all []injection) {
	for _, side := range []string{"federation", "collective"} {
		for _, role := range []string{"", "receive", "publish"} {
			all = append(all, injection{side: side, role: role, op: "read"})
			for _, partly := range []int{0, 50, 100} {
				all = append(all, injection{side: side, role: role, op: "write", partly: partly})
				all = append(all, injection{side: side, role: role, op: "wait", partly: partly})
			}
		}
	}
	return all
}

func (inj *injection) String() string {
	return fmt.Sprintf("%s/%s/%s/%d/%d", inj.side, inj.role, inj.op, inj.partly, inj.n)
}

// TestEveryOperationFailsOnce has the n-th read or write of each connection fail, in a small run
// that knows no other fault, for n = 1, 2, 3, ... until there are no n operations. A write that
// fails is taken not at all, in half, or whole.
func TestEveryOperationFailsOnce(t *testing.T) {
	fedtest.NeedVirtualTime(t)
	all := newTally()
	kinds := targets()
	switch {
	case *oneOperation != "":
		all.fail(t, flagged(t))
	case *worker != "":
		all.work(t, func(i int) { all.failEach(t, kinds[i], i) })
		return
	default:
		all.share(t, len(kinds))
	}
	t.Log(all)
}

// flagged is the injection that -operation names.
func flagged(t *testing.T) injection {
	t.Helper()
	for _, inj := range targets() {
		format := fmt.Sprintf("%s/%s/%s/%d/%%d", inj.side, inj.role, inj.op, inj.partly)
		if _, err := fmt.Sscanf(*oneOperation, format, &inj.n); err == nil {
			return inj
		}
	}
	t.Fatalf("-operation=%s: not like %s", *oneOperation, targets()[1].String())
	return injection{}
}

// failEach has one operation after the other fail, each in a run of its own. With the race detector
// it takes only some of them, which depend on the number of the kind.
func (a *tally) failEach(t *testing.T, inj injection, number int) {
	t.Helper()
	step := stride
	if *everyOperation {
		step, number = 1, 0
	}
	for n := 1 + number%step; !t.Failed(); n += step {
		inj.n = n
		if !a.fail(t, inj) {
			break
		}
	}
}

// fail has one operation fail; it reports whether there was such an operation.
func (a *tally) fail(t *testing.T, inj injection) bool {
	t.Helper()
	command := "go test ./internal/sim -run TestEveryOperationFailsOnce -operation=" + inj.String()
	a.runNamed(t, command, func() result { return smallRun(&inj) })
	return inj.done
}

// smallRun lets a small world live, in a bubble, with no fault but one.
func smallRun(inj *injection) result {
	w, err := newWorld(0, rand.New(rand.NewPCG(0, 0)), 1, 1)
	if err != nil {
		return result{violations: []string{"BUG of the simulation: " + err.Error()}}
	}
	w.network.injection = inj
	w.config.Pipeline.Lanes = 1
	if err := w.start(logger()); err != nil {
		return result{violations: []string{err.Error()}}
	}
	for i := range 6 {
		pass(300 * time.Millisecond)
		w.ask(0, 1+i%3, 100, 100)
	}
	w.ask(0, 2, 300<<10, 10) // more than is gathered before a write
	for range 20 {
		w.crowd.answer(0, "burst", "n00001.ldn.example.net", 500)
	}
	pass(time.Second)
	close(w.network.calm)
	r := result{recovery: w.recover()}
	w.stop()
	w.finish(true)
	if inj.done {
		w.network.saw(inj.op + " failed")
	}
	r.seen, r.violations = w.network.seen, w.network.violations
	return r
}
