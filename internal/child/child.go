// Package child runs relays and servers as processes of our own, and ends them with all that they have started. Nothing
// that it starts outlives us: on Linux not even when we are killed.
package child

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// lastLines is how much of what a process said is told when it fails.
const lastLines = 10

// A Process is one that was started here. Its methods are safe for concurrent use.
type Process struct {
	cmd  *exec.Cmd
	said *tail
	done chan struct{} // closed when it has ended
	err  error         // how it ended; valid after done
}

// Start runs a command in a process group of its own: a terminal's Ctrl-C is for us alone, and a wrapper ends together with
// what it wraps. What it prints goes to stdout, or is remembered like its errors if stdout is nil. The caller must end it.
func Start(command []string, stdout io.Writer) (*Process, error) {
	p := &Process{cmd: exec.Command(command[0], command[1:]...), said: &tail{}, done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = stdout, p.said
	if stdout == nil {
		p.cmd.Stdout = p.said
	}
	p.cmd.SysProcAttr = attributes()
	p.cmd.WaitDelay = time.Second // a grandchild may hold its output open
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the process ends with the thread that started it, see attributes
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			_ = syscall.Kill(-p.PID(), syscall.SIGKILL) // what it has started and left behind
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// PID is that of the process itself, which is also the number of its group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended reports whether the process has ended, and how.
func (p *Process) Ended() (error, bool) {
	select {
	case <-p.done:
		return p.failure(), true
	default:
		return nil, false
	}
}

// failure is how it ended, with its last words.
func (p *Process) failure() error {
	how := "exit status 0"
	if p.err != nil {
		how = p.err.Error()
	}
	if words := p.said.last(lastLines); words != "" {
		return fmt.Errorf("%s; it said last:\n%s", how, words)
	}
	return errors.New(how)
}

// Stop asks the process to end, and kills it when it has not after so long. It returns nil if it went by itself and in good
// order. Calling it again is harmless.
func (p *Process) Stop(patience time.Duration) error {
	if err, ended := p.Ended(); ended {
		return err
	}
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.done:
		if p.err == nil || p.cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled() { // it need not handle SIGTERM
			return nil
		}
		return p.failure()
	case <-timer.C:
		p.Kill()
		return fmt.Errorf("had to be killed: it did not end within %s of SIGTERM", patience)
	}
}

// Kill ends the process at once and waits until it has. Calling it again is harmless.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// signal is for the whole group. Once the process has been waited for its number may be somebody else's.
func (p *Process) signal(s syscall.Signal) {
	select {
	case <-p.done:
	default:
		_ = syscall.Kill(-p.PID(), s) // fails only if it has just ended
	}
}
