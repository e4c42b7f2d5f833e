// Command pictures runs a real federation, watches it with fedrelay observe in tmux, and draws what
// the terminal shows as SVG: the pictures in docs. `make pictures` runs it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// Moments of the run.
const (
	smallAt = 45 * time.Second // the small picture: all is well
	stopAt  = 95 * time.Second // one instance stops
	largeAt = 105 * time.Second
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pictures DIRECTORY-OF-PROGRAMS DIRECTORY-OF-PICTURES")
		os.Exit(command.WrongUsage)
	}
	ctx, stop := command.UntilSignal(context.Background())
	defer stop()
	if err := run(ctx, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(command.Failed)
	}
}

func run(ctx context.Context, programs, pictures string) error {
	ctx, stop := context.WithCancel(ctx)
	w := &world{ctx: ctx, programs: programs}
	defer w.wait()
	defer stop()
	if err := w.start(); err != nil {
		return err
	}
	defer w.federation.Stop()
	defer w.collective.Stop()
	return draw(w, pictures)
}

// draw takes both pictures at their moments.
func draw(w *world, pictures string) error {
	dir, err := os.MkdirTemp("", "pictures")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	small, large := terminal{filepath.Join(dir, "small"), 80, 24}, terminal{filepath.Join(dir, "large"), 200, 60}
	for _, t := range []terminal{small, large} {
		if err := t.open(filepath.Join(w.programs, "fedrelay"), "observe", "--cluster", cluster, "--federation", w.federation.ClientURL()); err != nil {
			return err
		}
		defer t.close()
	}
	return w.timetable([]appointment{
		{smallAt, func() error { return small.picture(filepath.Join(pictures, "observe-80x24.svg")) }},
		{stopAt, func() error { return w.relays[1].Process.Signal(os.Interrupt) }},
		{largeAt, func() error { return large.picture(filepath.Join(pictures, "observe-200x60.svg")) }},
	})
}

const cluster = "london"

// A world is two servers, three relays and a load generator.
type world struct {
	ctx                    context.Context
	programs               string
	federation, collective *embedded.Server
	relays                 []*exec.Cmd
	all                    []*exec.Cmd
}

func (w *world) start() (err error) {
	if w.federation, err = embedded.Start(embedded.Options{Name: "fed1"}); err != nil {
		return err
	}
	if w.collective, err = embedded.Start(embedded.Options{Name: "nats1"}); err != nil {
		return err
	}
	for n := 1; n <= 3; n++ {
		r, err := w.run("fedrelay", "run", "--cluster", cluster, "--identity", fmt.Sprintf("fb%d.ldn", n), "--http", "off",
			"--federation", w.federation.ClientURL(), "--collective", w.collective.ClientURL(), "--log-level", "error")
		if err != nil {
			return err
		}
		w.relays = append(w.relays, r)
	}
	_, err = w.run("loadgen", "run", "--fed", w.federation.ClientURL(), "--col", w.collective.ClientURL(), "--cluster", cluster, "--np",
		"--nodes", "1000", "--rate", "4", "--delay", "lognormal:40ms,0.5", "--duration", (largeAt + time.Minute).String())
	return err
}

// run starts a program, which ends with the world.
func (w *world) run(name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(w.ctx, filepath.Join(w.programs, name), args...)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	w.all = append(w.all, cmd)
	return cmd, nil
}

func (w *world) wait() {
	for _, cmd := range w.all {
		_ = cmd.Wait() // it was interrupted
	}
}

// An appointment is what is to be done at a moment of the run.
type appointment struct {
	at time.Duration
	do func() error
}

func (w *world) timetable(all []appointment) error {
	begin := time.Now()
	for _, a := range all {
		select {
		case <-w.ctx.Done():
			return w.ctx.Err()
		case <-time.After(time.Until(begin.Add(a.at))):
		}
		if err := a.do(); err != nil {
			return err
		}
	}
	return nil
}

// A terminal is one of tmux.
type terminal struct {
	socket        string
	columns, rows int
}

func (t terminal) tmux(args ...string) ([]byte, error) {
	out, err := exec.Command("tmux", append([]string{"-S", t.socket, "-f", "/dev/null"}, args...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("tmux %s: %w", args[0], err)
	}
	return out, nil
}

func (t terminal) open(command ...string) error {
	args := []string{"-u", "new-session", "-d", "-e", "LANG=C.UTF-8", "-x", strconv.Itoa(t.columns), "-y", strconv.Itoa(t.rows), "--"}
	_, err := t.tmux(append(args, command...)...)
	return err
}

func (t terminal) close() { _, _ = t.tmux("kill-server") } // at the end of all

// picture draws what the terminal shows now.
func (t terminal) picture(path string) error {
	screen, err := t.tmux("capture-pane", "-p", "-e")
	if err != nil {
		return err
	}
	return os.WriteFile(path, svg(parse(string(screen)), t.columns, t.rows), 0o644)
}
