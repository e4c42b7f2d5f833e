package cost

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv("COST_TEST_BURN") != "" {
		burn(50 * time.Millisecond)
		os.Stdout.WriteString("done\n")
		_, _ = io.ReadAll(os.Stdin) // until the parent lets go
		return
	}
	goleak.VerifyTestMain(m)
}

// burn uses CPU, however long that takes on a busy machine.
func burn(d time.Duration) {
	for start := selfCPU(); selfCPU()-start < d; {
		for range 1_000_000 {
			sink++
		}
	}
}

var sink int

func selfCPU() time.Duration {
	t := newTree(os.Getpid())
	_ = t.find()
	return t.sample(false).CPU
}

func TestWatchSeesWhatTheProcessUses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	began := time.Now()
	w, err := Watch(os.Getpid(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	burn(50 * time.Millisecond)
	last := w.Sample()
	w.Stop()
	samples := w.Between(began, last)
	first := samples[0]
	if len(samples) < 3 || last.CPU-first.CPU < 50*time.Millisecond || last.CPU-first.CPU > 10*time.Second {
		t.Errorf("%d samples, CPU from %s to %s", len(samples), first.CPU, last.CPU)
	}
	if first.At < 0 || first.At > samples[1].At || last.Switches < first.Switches || last.Switches == 0 {
		t.Errorf("first %+v, last %+v", first, last)
	}
	if last.RSS < 1<<20 || w.PeakRSS() < last.RSS || w.HighWater() < last.RSS/2 || last.Threads < 2 || last.Connections < 1 ||
		w.Connections() < 1 {
		t.Errorf("%+v, peak %d", last, w.PeakRSS())
	}
	if rest := w.Between(began.Add(last.At), last); len(rest) >= len(samples) {
		t.Error("samples from before are not left out")
	}
}

func TestChildrenCountAlsoWhenTheyHaveEnded(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "COST_TEST_BURN=1")
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	tr := newTree(os.Getpid())
	with := tr.sample(true)
	if len(tr.pids) < 2 {
		t.Fatalf("no child among %v", tr.pids)
	}
	child := newTree(cmd.Process.Pid)
	alone := child.sample(true)
	in.Close()
	_ = cmd.Wait()
	after := tr.sample(true)
	if alone.CPU < 50*time.Millisecond || with.CPU < alone.CPU || after.CPU < with.CPU {
		t.Errorf("child %s, all %s, after its end %s", alone.CPU, with.CPU, after.CPU)
	}
}

func TestNoSuchProcess(t *testing.T) {
	if _, err := Watch(1<<30, time.Second); err == nil {
		t.Fatal("watching nobody")
	}
}
