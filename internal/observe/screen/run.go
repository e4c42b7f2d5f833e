package screen

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fedrelay/fedrelay/internal/observe"
	"github.com/fedrelay/fedrelay/internal/service"
)

// A View is a live view of a watch.
type View struct {
	model   *observe.Model
	program *tea.Program
	end     context.CancelFunc // ends the program in good order; its Kill races with its start
	failed  atomic.Pointer[error]
}

// New returns a view of w that shows nothing until Run. in and out are a terminal.
func New(ctx context.Context, w *observe.Watch, in, out *os.File) *View {
	start := ui{model: w.Model, interval: w.Interval, signs: SignsFor(os.Getenv)}
	ctx, end := context.WithCancel(ctx)
	return &View{model: w.Model, end: end, program: tea.NewProgram(start, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler())}
}

// Run shows the view. It blocks until somebody quits it, its context ends, or it fails. The
// terminal is as it was then.
func (v *View) Run() error {
	defer v.end()
	_, err := v.program.Run()
	switch failed := v.failed.Load(); {
	case failed != nil:
		return *failed
	case errors.Is(err, context.Canceled):
		return nil
	}
	return err
}

// Hear takes news for the model of the watch, from a goroutine that nobody catches.
func (v *View) Hear(n service.News) {
	defer v.Catch()
	v.model.Hear(n)
}

// Catch ends the view if the goroutine panics that defers it, so that the terminal is as it was
// before the program says why it ends.
func (v *View) Catch() {
	if p := recover(); p != nil {
		err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		v.failed.CompareAndSwap(nil, &err)
		v.end()
	}
}

// A ui is the state of the view, for bubbletea.
type ui struct {
	// Set by New, then read-only.
	model    *observe.Model
	interval time.Duration
	signs    Signs

	shot   observe.Snapshot
	choice Choice
	size   Size
}

type tick struct{}

func (u ui) Init() tea.Cmd { return func() tea.Msg { return tick{} } }

// next is the next look at the model.
func (u ui) next() tea.Cmd {
	return tea.Tick(min(u.interval, time.Second)/2, func(time.Time) tea.Msg { return tick{} })
}

func (u ui) Update(m tea.Msg) (tea.Model, tea.Cmd) {
	switch m := m.(type) {
	case tick:
		u.shot = u.model.Snapshot()
		return u, u.next()
	case tea.WindowSizeMsg:
		u.size = Size{m.Width, m.Height}
	case tea.KeyPressMsg:
		return u.press(m.String())
	}
	return u, nil
}

func (u ui) press(key string) (tea.Model, tea.Cmd) {
	switch key {
	case "q", "ctrl+c":
		return u, tea.Quit
	case "ctrl+z":
		return u, tea.Suspend
	case "x":
		u.model.ForgetSilent()
		u.shot = u.model.Snapshot()
	default:
		u.choice = u.choice.press(key, u.shot, u.size.Rows)
	}
	return u, nil
}

func (u ui) View() tea.View {
	v := tea.NewView(Draw(Frame(u.signs, u.shot, u.choice, u.size)))
	v.AltScreen = true
	v.WindowTitle = "fedrelay observe"
	return v
}
