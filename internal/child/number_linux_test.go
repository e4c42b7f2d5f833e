package child

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// The number of a process that has ended may be given to another one while somebody outside of its
// group still holds its output open. That one is not ours to kill.
func TestAnotherProcessWithTheNumberLives(t *testing.T) {
	p, out := shell(t, "setsid sleep 5 & echo $!")
	outside, err := strconv.Atoi(out.await(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(outside, syscall.SIGKILL) }()
	for i := 0; syscall.Kill(p.PID(), 0) == nil; i++ {
		if i == 500 {
			t.Fatal("the number is not free")
		}
		<-time.After(time.Millisecond)
	}
	other := startNumbered(t, p.PID())
	p.Kill()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(other) + "/stat")
	if err != nil || !alive(other) {
		t.Errorf("process %d was killed, which is another one: %v %s", other, err, status)
	}
}

// startNumbered starts a process with that number, in a group of its own. It skips the test if the
// kernel does not let us choose, or somebody else gets the number.
func startNumbered(t *testing.T, pid int) int {
	t.Helper()
	for range 20 {
		if err := os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte(strconv.Itoa(pid-1)), 0); err != nil {
			t.Skip(err)
		}
		cmd := exec.Command("/bin/sleep", "60")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Wait() })
		t.Cleanup(func() { _ = cmd.Process.Kill() })
		if cmd.Process.Pid == pid {
			return pid
		}
	}
	t.Skip("somebody else has got the number")
	return 0
}
