// Package child runs relays and servers as processes of our own, and ends them together with all
// processes that they have started. On Linux they end also when this process is killed, but not
// what they have started.
package child

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// lastLines is how many of the last lines that a process printed are part of its error.
const lastLines = 10

// A Process is a child of this one. Its methods are safe for concurrent use.
type Process struct {
	cmd  *exec.Cmd
	said *tail
	done chan struct{} // closed when it has ended
	err  error         // how it ended; valid after done

	mu   sync.Mutex
	over bool // guarded by mu: the number may belong to another process
}

// Start runs a command in a process group of its own. So a Ctrl-C on the terminal is for us alone,
// and a wrapper ends together with what it wraps. What the command prints goes to stdout, or is
// kept for its error if stdout is nil. The caller must Stop or Kill the process.
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
		runtime.LockOSThread() // the kernel kills the process when this thread ends, see attributes
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// wait waits for the process and kills what it has started and left running, if possible while the
// number of the group cannot be that of another one.
func (p *Process) wait() error {
	kept := awaitEnd(p.PID())
	if kept {
		p.killRest()
	}
	err := p.cmd.Wait()
	if !kept {
		p.killRest()
	}
	return err
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

// failure says how it ended, and what it printed last.
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

// Said returns the last 8 KiB that the process printed to stderr, and to stdout if that is kept.
func (p *Process) Said() string { return p.said.all() }

// Stop sends SIGTERM and waits; after patience it kills the process. It returns nil if the process
// ended by itself and in good order. Calling it again is harmless.
func (p *Process) Stop(patience time.Duration) error {
	if err, ended := p.Ended(); ended {
		return err
	}
	p.Signal(syscall.SIGTERM)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.done:
		status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
		if p.err == nil || status.Signaled() { // it need not handle SIGTERM
			return nil
		}
		return p.failure()
	case <-timer.C:
		p.Kill()
		return fmt.Errorf("had to be killed: it did not end within %s of SIGTERM", patience)
	}
}

// Kill ends the process at once and waits for that. Calling it again is harmless.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.done
}

// Signal signals the whole group, but not once the process has ended.
func (p *Process) Signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		_ = syscall.Kill(-p.PID(), s) // fails only if it has just ended
	}
}

// killRest kills what is left of the group. From then on nothing is signalled.
func (p *Process) killRest() {
	p.Signal(syscall.SIGKILL)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
}
