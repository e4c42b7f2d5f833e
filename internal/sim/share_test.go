package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"
)

// The scenarios are shared among processes, one a processor. Two bubbles in one process would wait for each other's
// goroutines at locks of the standard library, and take that for the end of all work.

const tallyMark = "TALLY "

// share runs all scenarios in workers and adds up what they met.
func (a *tally) share(t *testing.T) {
	workers := runtime.GOMAXPROCS(0)
	var running sync.WaitGroup
	var mu sync.Mutex
	for i := range workers {
		running.Go(func() {
			out, err := spawn(fmt.Sprintf("%d/%d", i, workers))
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

func spawn(share string) ([]byte, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return exec.Command(program, "-test.run=^TestSimulation$", "-test.timeout=0", "-worker="+share,
		fmt.Sprintf("-scenarios=%d", *scenarios), fmt.Sprintf("-first=%d", *firstSeed), fmt.Sprintf("-log=%v", *verbose),
	).CombinedOutput()
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

// work runs the share of one worker.
func (a *tally) work(t *testing.T) {
	var k, n int64
	if _, err := fmt.Sscanf(*worker, "%d/%d", &k, &n); err != nil {
		t.Fatal(err)
	}
	for seed := *firstSeed + k; seed < *firstSeed+int64(*scenarios) && !t.Failed(); seed += n {
		a.run(t, uint64(seed))
	}
	line, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s%s\n", tallyMark, line)
}
