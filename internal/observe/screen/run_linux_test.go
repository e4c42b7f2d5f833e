package screen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fedrelay/fedrelay/internal/observe"
	"github.com/fedrelay/fedrelay/internal/tools"
)

// panicsWhenTold makes the test binary a view that panics when it gets SIGUSR1.
const panicsWhenTold = "RUN_AS_A_VIEW_THAT_PANICS"

func TestMain(m *testing.M) {
	if os.Getenv(panicsWhenTold) != "" {
		panicWhenTold()
	}
	os.Exit(m.Run())
}

func panicWhenTold() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGUSR1)
	w := &observe.Watch{Model: observe.NewModel([]string{"london"}, time.Second, time.Now), Interval: time.Second}
	v := New(context.Background(), w, os.Stdin, os.Stdout)
	go func() {
		defer v.Catch()
		<-told
		panic(errors.New("a bug"))
	}()
	fmt.Println("it said:", v.Run())
	os.Exit(1)
}

// A panic on a goroutine that bubbletea does not know ends the view, and is told after the terminal
// is as it was.
func TestAPanicLeavesTheTerminalAsItWas(t *testing.T) {
	ours, theirs := tools.Terminal(t, 80, 24)
	before := tools.Settings(t, theirs)
	cmd := exec.Command(os.Args[0])
	// The library that reads keys races with its own end.
	cmd.Env = append(os.Environ(), panicsWhenTold+"=1", "TERM=xterm", "GORACE=exitcode=0 log_path="+t.TempDir()+"/race")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	drawn := until(t, ours, "quit")
	if tools.Settings(t, theirs) == before {
		t.Error("the view has not taken the terminal")
	}
	if err := cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	drawn += until(t, ours, "panic: a bug")
	go func() { _, _ = io.Copy(io.Discard, ours) }() // ends with the terminal
	if err := cmd.Wait(); err == nil {
		t.Error("no failure")
	}
	if end, said := strings.Index(drawn, "\x1b[?1049l"), strings.Index(drawn, "it said: panic: a bug"); end < 0 || said < end {
		t.Errorf("%q", drawn)
	}
	if tools.Settings(t, theirs) != before {
		t.Error("the terminal is left as the view had it")
	}
}

// until reads until text has come, and returns what it has read.
func until(t *testing.T, from *os.File, text string) string {
	t.Helper()
	var seen strings.Builder
	b := make([]byte, 4096)
	for !strings.Contains(seen.String(), text) {
		n, err := from.Read(b)
		if err != nil {
			t.Fatalf("%v after %q", err, seen.String())
		}
		seen.Write(b[:n])
	}
	return seen.String()
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
