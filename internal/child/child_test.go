package child

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func shell(t *testing.T, script string) (*Process, *lockedBuffer) {
	t.Helper()
	out := &lockedBuffer{}
	p, err := Start([]string{"/bin/sh", "-c", script}, out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p, out
}

// lockedBuffer is written by the process and read when that has ended, or when its first line is
// there.
type lockedBuffer struct{ tail }

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(bytes.TrimSpace(b.text))
}

func (b *lockedBuffer) await(t *testing.T) string {
	t.Helper()
	for range 500 {
		if text := b.String(); text != "" {
			return text
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Fatal("it says nothing")
	return ""
}

func TestAProcessEndsInGoodOrderOrSaysWhyNot(t *testing.T) {
	polite, _ := shell(t, "sleep 60")
	if err := polite.Stop(5 * time.Second); err != nil {
		t.Error(err)
	}
	sick, _ := shell(t, "echo first >&2; echo last >&2; exit 3")
	<-sick.Done()
	err, ended := sick.Ended()
	if want := "exit status 3; it said last:\n  first\n  last"; !ended || err.Error() != want {
		t.Errorf("%v, %v", err, ended)
	}
	if again := sick.Stop(time.Second); again == nil || again.Error() != err.Error() {
		t.Error(again)
	}
	stubborn, out := shell(t, "trap '' TERM; echo ready; while :; do sleep 1; done")
	out.await(t)
	if err := stubborn.Stop(20 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "had to be killed") {
		t.Error(err)
	}
	if _, err := Start([]string{"/no/such/program"}, nil); err == nil {
		t.Error("started what is not there")
	}
}

// What a process leaves running in its group ends with it, whether it is killed or goes by itself.
func TestNothingIsLeftBehind(t *testing.T) {
	for name, end := range map[string]func(p *Process){
		"killed": (*Process).Kill, "stopped": func(p *Process) { _ = p.Stop(5 * time.Second) }, "by itself": func(p *Process) { <-p.Done() },
	} {
		script := "sleep 60 & echo $!"
		if name != "by itself" {
			script += "; wait"
		}
		p, out := shell(t, script)
		pid, err := strconv.Atoi(out.await(t))
		if err != nil {
			t.Fatal(err)
		}
		end(p)
		for i := 0; alive(pid); i++ {
			if i == 500 {
				t.Fatalf("%s: %d is still there", name, pid)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
}

// alive reports whether a process runs: one that nobody has waited for yet does not.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return syscall.Kill(pid, 0) == nil
	}
	return !strings.Contains(string(stat), ") Z ")
}

func TestPlacesAreFilledIn(t *testing.T) {
	p := Places{Fed: "f:1", Col: "c:2", HTTP: "h:3", Cluster: "london"}
	if got := p.Fill("x {fed} {col},{http} {cluster} {other}"); got != "x f:1 c:2,h:3 london {other}" {
		t.Error(got)
	}
	if got := p.Fill("{scheme}://{fed} [{ca}]"); got != "nats://f:1 []" {
		t.Error(got)
	}
	p.Scheme, p.CA, p.Cert, p.Key = "tls", "a", "b", "c"
	if got := p.Fill("{scheme}://{fed} {ca} {cert} {key}"); got != "tls://f:1 a b c" {
		t.Error(got)
	}
}

func TestTheEndOfWhatWasSaid(t *testing.T) {
	said := &tail{}
	for range 1000 {
		_, _ = said.Write([]byte("a line that is forgotten\n"))
	}
	_, _ = said.Write([]byte("one\ntwo\n"))
	if got := said.last(2); got != "  one\n  two" || len(said.text) > tailBytes {
		t.Errorf("%q", got)
	}
	if got := (&tail{}).last(3); got != "" {
		t.Errorf("%q", got)
	}
}
