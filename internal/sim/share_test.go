package sim

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// The scenarios are shared among processes, one a processor. Two bubbles in one process would wait
// for each other's goroutines at locks of the standard library, and take that for the end of all
// work.

const tallyMark = "TALLY "

// share has workers run a test for the numbers below count, a block at a time, and adds up what
// they met.
func (a *tally) share(t *testing.T, count int) {
	t.Helper()
	runners := runtime.GOMAXPROCS(0)
	block := min(max(count/(4*runners), 1), 100)
	var running sync.WaitGroup
	var mu sync.Mutex
	next := 0
	take := func() (from int, more bool) {
		mu.Lock()
		defer mu.Unlock()
		from, next = next, next+block
		return from, from < count && !t.Failed()
	}
	for i := range runners {
		running.Go(func() {
			for from, more := take(); more; from, more = take() {
				out, err := spawn(t.Name(), i, from, min(from+block, count))
				mu.Lock()
				a.collect(t, out, err)
				mu.Unlock()
			}
		})
	}
	running.Wait()
}

// spawn runs one worker to its end. Those of every other runner have one processor and do twice as
// much. Those with several see more of what can happen at the same time.
func spawn(test string, runner, from, to int) ([]byte, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"-test.run=^" + test + "$", "-test.timeout=0", fmt.Sprintf("-worker=%d-%d", from, to)}
	flag.Visit(func(f *flag.Flag) {
		if !strings.HasPrefix(f.Name, "test.") {
			args = append(args, fmt.Sprintf("-%s=%s", f.Name, f.Value))
		}
	})
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "GOGC=400", "GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	if runner%2 == 0 {
		cmd.Env = append(cmd.Env, "GOMAXPROCS=1")
	}
	return cmd.CombinedOutput()
}

// collect adds the tally in the output of a worker. What else is in the output says why it failed.
func (a *tally) collect(t *testing.T, out []byte, err error) {
	t.Helper()
	before, after, _ := bytes.Cut(out, []byte(tallyMark))
	line, after, _ := bytes.Cut(after, []byte("\n"))
	b := newTally()
	if errTally := json.Unmarshal(line, b); err == nil {
		err = errTally
	}
	a.merge(b)
	if err != nil {
		t.Errorf("a worker ended with %v:\n%s%s", err, before, after)
	}
}

// work runs the share of one worker.
func (a *tally) work(t *testing.T, run func(int)) {
	t.Helper()
	var from, to int
	if _, err := fmt.Sscanf(*worker, "%d-%d", &from, &to); err != nil {
		t.Fatal(err)
	}
	for i := from; i < to && !t.Failed(); i++ {
		run(i)
	}
	line, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s%s\n", tallyMark, line)
}
