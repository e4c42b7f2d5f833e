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

// The scenarios are shared among processes, one a processor. Two bubbles in one process would wait for each other's
// goroutines at locks of the standard library, and take that for the end of all work.

const tallyMark = "TALLY "

// share runs a test in workers and adds up what they met.
func (a *tally) share(t *testing.T) {
	t.Helper()
	workers := runtime.GOMAXPROCS(0)
	var running sync.WaitGroup
	var mu sync.Mutex
	for i := range workers {
		running.Go(func() {
			out, err := spawn(t.Name(), fmt.Sprintf("%d/%d", i, workers))
			mu.Lock()
			defer mu.Unlock()
			rest, errTally := a.collect(out)
			if err != nil || errTally != nil {
				t.Errorf("a worker ended with %v, %v:\n%s", err, errTally, rest)
			}
		})
	}
	running.Wait()
}

func spawn(test, share string) ([]byte, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"-test.run=^" + test + "$", "-test.timeout=0", "-worker=" + share}
	flag.Visit(func(f *flag.Flag) {
		if !strings.HasPrefix(f.Name, "test.") {
			args = append(args, fmt.Sprintf("-%s=%s", f.Name, f.Value))
		}
	})
	return exec.Command(program, args...).CombinedOutput()
}

// collect adds the tally in the output of a worker and returns the rest.
func (a *tally) collect(out []byte) (rest []byte, err error) {
	before, after, ok := bytes.Cut(out, []byte(tallyMark))
	if !ok {
		return out, nil // it died
	}
	line, after, _ := bytes.Cut(after, []byte("\n"))
	b := newTally()
	err = json.Unmarshal(line, b)
	a.merge(b)
	return append(before, after...), err
}

// work runs the share of one worker: every n-th number from the k-th up to, not including, count.
func (a *tally) work(t *testing.T, count int, run func(int)) {
	t.Helper()
	var k, n int
	if _, err := fmt.Sscanf(*worker, "%d/%d", &k, &n); err != nil {
		t.Fatal(err)
	}
	for i := k; i < count && !t.Failed(); i += n {
		run(i)
	}
	line, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s%s\n", tallyMark, line)
}
