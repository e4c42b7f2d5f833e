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

func (in *injection) String() string {
	return fmt.Sprintf("%s/%s/%s/%d/%d", in.side, in.role, in.op, in.partly, in.n)
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
		all.fail(t, one(t))
	case *worker != "":
		all.work(t, func(i int) { all.failEach(t, kinds[i], i) })
		return
	default:
		all.share(t, len(kinds))
	}
	t.Log(all)
}

// one reads the flag.
func one(t *testing.T) injection {
	t.Helper()
	for _, in := range targets() {
		format := fmt.Sprintf("%s/%s/%s/%d/%%d", in.side, in.role, in.op, in.partly)
		if _, err := fmt.Sscanf(*oneOperation, format, &in.n); err == nil {
			return in
		}
	}
	t.Fatalf("-operation=%s: not like %s", *oneOperation, targets()[1].String())
	return injection{}
}

// failEach has one operation fail after the other.
func (a *tally) failEach(t *testing.T, in injection, number int) {
	t.Helper()
	step := stride
	if *everyOperation {
		step, number = 1, 0
	}
	for n := 1 + number%step; !t.Failed(); n += step {
		in.n = n
		if !a.fail(t, in) {
			break
		}
	}
}

// fail has one operation fail; it reports whether there was such an operation.
func (a *tally) fail(t *testing.T, in injection) bool {
	t.Helper()
	command := "go test ./internal/sim -run TestEveryOperationFailsOnce -operation=" + in.String()
	a.runNamed(t, command, func() result { return smallRun(&in) })
	return in.done
}

// smallRun is a world without faults but one, in a bubble.
func smallRun(in *injection) result {
	w, err := newWorld(0, rand.New(rand.NewPCG(0, 0)), 1, 1)
	if err != nil {
		return result{violations: []string{"BUG of the simulation: " + err.Error()}}
	}
	w.network.inject = in
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
	if in.done {
		w.network.saw(in.op + " failed")
	}
	r.seen, r.violations = w.network.seen, w.network.violations
	return r
}
