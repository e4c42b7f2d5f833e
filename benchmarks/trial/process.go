package trial

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// stopTime is how long a process may take to end by itself.
const stopTime = 3 * time.Second

// A Process is a child of ours. It ends when its standard input does, or is made to.
type Process struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout io.Reader
	stderr tail
	ended  chan struct{}
}

// start runs a command in a process group of its own, so that a shell's children end with it.
func start(ctx context.Context, command []string) (*Process, error) {
	p := &Process{cmd: exec.CommandContext(ctx, command[0], command[1:]...), ended: make(chan struct{})}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Cancel = p.kill
	p.cmd.WaitDelay = stopTime
	p.cmd.Stderr = &p.stderr
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start a contestant: %w", err)
	}
	return p, nil
}

// await waits for the end of the process, passing over what it still prints.
func (p *Process) await() {
	_, _ = io.Copy(io.Discard, p.stdout)
	_ = p.cmd.Wait()
	close(p.ended)
}

func (p *Process) kill() error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }

// stop ends the process. It need not be gentle: whatever it carried has been counted.
func (p *Process) stop() {
	p.stdin.Close()
	_ = p.kill()
	<-p.ended
}

func (p *Process) peak() int64 { return peakMemory(p.cmd.Process.Pid) }

// A tail keeps the last of what is written to it. The process writes alone; it is read when the process has ended.
type tail struct{ kept []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b...)
	t.kept = t.kept[max(0, len(t.kept)-512):]
	return len(b), nil
}

func (t *tail) String() string { return string(bytes.TrimSpace(t.kept)) }
