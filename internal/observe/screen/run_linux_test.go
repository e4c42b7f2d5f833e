package screen

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fedrelay/fedrelay/internal/observe"
	"github.com/fedrelay/fedrelay/internal/tools"
)

// A panic on a goroutine that bubbletea does not know ends the view, and is told after the terminal
// is as it was.
func TestAPanicLeavesTheTerminalAsItWas(t *testing.T) {
	ours, theirs := tools.Terminal(t, 80, 24)
	go func() { _, _ = io.Copy(io.Discard, ours) }() // ends with the terminal
	before := tools.Settings(t, theirs)
	w := &observe.Watch{Model: observe.NewModel([]string{"london"}, time.Second, time.Now), Interval: time.Second}
	v := New(t.Context(), w, theirs, theirs)
	during := before
	go func() {
		defer v.Catch()
		for during == before { // until the view has taken the terminal
			during = tools.Settings(t, theirs)
		}
		panic(errors.New("a bug"))
	}()
	err := v.Run()
	if err == nil || !strings.Contains(err.Error(), "panic: a bug") || !strings.Contains(err.Error(), "run_linux_test.go") {
		t.Errorf("%v", err)
	}
	if tools.Settings(t, theirs) != before {
		t.Error("the terminal is left as the view had it")
	}
}

func TestKeysQuitAndForget(t *testing.T) {
	m := observe.NewModel([]string{"london"}, time.Second, time.Now)
	u := ui{model: m, interval: time.Second, signs: Unicode}
	next, _ := u.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	next, _ = next.Update(tick{})
	if got := next.(ui); got.size != (Size{80, 24}) || len(got.shot.Clusters) != 1 {
		t.Errorf("%+v", got)
	}
	if _, cmd := next.Update(tea.KeyPressMsg{Code: 'q', Text: "q"}); cmd == nil || cmd() != tea.Quit() {
		t.Error("q does not quit")
	}
	if got, _ := next.Update(tea.KeyPressMsg{Code: '?', Text: "?"}); !got.(ui).choice.Help {
		t.Error("? does not help")
	}
	if v := next.View(); !v.AltScreen || !strings.Contains(v.Content, "london") {
		t.Errorf("%+v", v)
	}
}
