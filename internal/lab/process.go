package lab

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// tailLines is how much of what a relay said is told when it fails.
const tailLines = 10

// process is a relay that was started here.
type process struct {
	cmd  *exec.Cmd
	said *tail
	done chan struct{} // closed when it has ended
	err  error         // how; valid after done
}

// startRelay runs the command, if there is one.
func (l *lab) startRelay() (err error) {
	if strings.Contains(l.opts.Exec, "{http}") && l.opts.HTTP == "" {
		if l.opts.HTTP, err = freeAddress(); err != nil {
			return err
		}
	}
	if l.opts.HTTP != "" {
		l.books = newReader(l.opts.HTTP)
	}
	if l.opts.Exec == "" {
		return nil
	}
	l.opts.Exec = strings.NewReplacer(
		"{fed}", hostPort(l.opts.Fed), "{col}", hostPort(l.opts.Col), "{http}", l.opts.HTTP, "{cluster}", l.opts.Load.Cluster,
	).Replace(l.opts.Exec)
	l.relay, err = start(l.opts.Exec)
	return err
}

// hostPort takes scheme and credentials away.
func hostPort(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

// freeAddress is one that nobody listens on just now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// start runs a command line in a process group of its own: a terminal's Ctrl-C is for us, and wrappers end with what they wrap.
func start(command string) (*process, error) {
	p := &process{cmd: exec.Command("/bin/sh", "-c", "exec "+command), said: &tail{}, done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p.cmd.WaitDelay = time.Second // somebody below it may hold its output open
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // Pdeathsig is about this thread
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	return p, <-started
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// ended tells whether it has, and how.
func (p *process) ended() (error, bool) {
	select {
	case <-p.done:
		return p.failure(), true
	default:
		return nil, false
	}
}

// failure is how it ended, with its last words.
func (p *process) failure() error {
	how := "exit status 0"
	if p.err != nil {
		how = p.err.Error()
	}
	if words := p.said.last(tailLines); words != "" {
		return fmt.Errorf("%s; it said last:\n%s", how, words)
	}
	return errors.New(how)
}

// stop asks it to end and, when it has not after a while, ends it. It returns nil if it went by itself and in good order. Twice
// is harmless.
func (p *process) stop(patience time.Duration) error {
	if err, ended := p.ended(); ended {
		return err
	}
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.done:
		if p.err == nil || p.cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled() { // it may not care to handle SIGTERM
			return nil
		}
		return p.failure()
	case <-timer.C:
		p.signal(syscall.SIGKILL)
		<-p.done
		return fmt.Errorf("had to be killed: it did not end within %s of SIGTERM", patience)
	}
}

func (p *process) signal(s syscall.Signal) {
	_ = syscall.Kill(-p.pid(), s) // fails only if it has just ended
}

// tail keeps the end of what is written to it. Safe for concurrent use.
type tail struct {
	mu   sync.Mutex
	text []byte // guarded by mu
}

const tailBytes = 8 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if n := len(t.text) - tailBytes; n > 0 {
		t.text = append(t.text[:0], t.text[n:]...)
	}
	return len(b), nil
}

// last is the last n lines, indented.
func (t *tail) last(n int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.Split(bytes.TrimSpace(t.text), []byte("\n"))
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	if text := string(bytes.Join(lines, []byte("\n  "))); text != "" {
		return "  " + text
	}
	return ""
}
