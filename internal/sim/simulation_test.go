package sim

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
)

var (
	oneSeed   = flag.Int64("seed", -1, "run only the scenario of this seed")
	scenarios = flag.Int("scenarios", usual, "how many scenarios to run")
	firstSeed = flag.Int64("first", 0, "the first seed")
	worker    = flag.String("worker", "", "run numbers FROM-TO and write the tally to standard output")
	verbose   = flag.Bool("log", false, "show what the relay logs")
)

// replay is how a scenario is run again.
func replay(seed uint64) string {
	return fmt.Sprintf("go test ./internal/sim -run TestSimulation -seed=%d", seed)
}

// stuck is how long a scenario may take in real time.
const stuck = 2 * time.Minute

// bubble runs f in virtual time. A scenario that hangs or panics is named.
func bubble(t *testing.T, name string, f func()) {
	alarm := time.AfterFunc(stuck, func() {
		stacks := make([]byte, 16<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		fmt.Fprintf(os.Stderr, "%s does not end\n%s\n", name, stacks)
		os.Exit(2)
	})
	defer alarm.Stop()
	defer func() {
		if failure := recover(); failure != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, failure)
			panic(failure)
		}
	}()
	synctest.Test(t, func(*testing.T) { f() })
	fedtest.ForgetTimers() // once: here nothing runs beside bubbles, as in other packages
}

// logger returns a logger that writes with the virtual time, or nowhere.
func logger() *slog.Logger {
	var to io.Writer = io.Discard
	if *verbose {
		to = os.Stderr
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func TestSimulation(t *testing.T) {
	fedtest.NeedVirtualTime(t)
	all := newTally()
	switch {
	case *oneSeed >= 0:
		all.run(t, uint64(*oneSeed))
	case *worker != "":
		all.work(t, func(i int) { all.run(t, uint64(*firstSeed)+uint64(i)) })
		return
	default:
		all.share(t, *scenarios)
	}
	t.Log(all)
	if *oneSeed < 0 && *scenarios >= enough && !t.Failed() {
		all.complete(t)
	}
}

func (a *tally) run(t *testing.T, seed uint64) {
	t.Helper()
	a.runNamed(t, replay(seed), func() result { return scenario(seed, logger()) })
}

// runNamed runs a scenario. It fails the test for each violation, with the command that shows it
// again.
func (a *tally) runNamed(t *testing.T, command string, f func() result) (r result) {
	t.Helper()
	bubble(t, command, func() { r = f() })
	a.add(r)
	if len(r.violations) > 0 {
		t.Errorf("%s\nreplay: %s", strings.Join(r.violations, "\n"), command)
	}
	return r
}
