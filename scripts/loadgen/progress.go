package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/mattn/go-isatty"
	"github.com/urfave/cli/v3"
	"golang.org/x/term"

	"github.com/fedrelay/fedrelay/internal/load"
)

// redraw is rare enough to cost nothing: each time a few counters are read.
const redraw = 200 * time.Millisecond

// progress draws a line on a terminal: what is being waited for, and how far the run is. Elsewhere it is nothing.
func progress(cmd *cli.Command) (phase func(string), began func(live func() load.Live) (ended func())) {
	f, ok := cmd.Root().ErrWriter.(*os.File)
	if !ok || cmd.Bool("np") || !isatty.IsTerminal(f.Fd()) || os.Getenv("TERM") == "dumb" {
		return nil, nil
	}
	width := func() int {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
		return 80
	}
	p := plan(cmd)
	return func(what string) { redrawLine(f, width(), what) }, func(live func() load.Live) func() {
		quit, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			draw(f, width, func() string { return line(live(), p) }, quit)
		}()
		return func() { close(quit); <-done }
	}
}

func redrawLine(w io.Writer, width int, text string) {
	t := []rune(text)
	_, _ = io.WriteString(w, "\r"+string(t[:min(len(t), width-1)])+"\x1b[K")
}

func draw(w io.Writer, width func() int, text func() string, quit <-chan struct{}) {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			redrawLine(w, width(), text())
		case <-quit:
			redrawLine(w, width(), "")
			return
		}
	}
}

// line is the run at one moment: how far, how much, how fast.
func line(v load.Live, p load.Plan) string {
	const cells = 20
	full := int(cells * done(v, p))
	return fmt.Sprintf("%s%s %5.1fs  requests %s  replies %s of %s  p50 %s  p99 %s  faults %d",
		strings.Repeat("█", full), strings.Repeat("·", cells-full), v.Elapsed.Seconds(), humanize.Comma(int64(v.Requests)),
		humanize.Comma(v.Replies), humanize.Comma(v.Targets), short(v.P50), short(v.P99), v.Faults)
}

// done is the share of the run that is over, 0 to 1.
func done(v load.Live, p load.Plan) float64 {
	share := 0.0
	if p.Requests > 0 && v.Targets > 0 {
		share = float64(v.Replies) / float64(v.Targets) * float64(v.Requests) / float64(p.Requests)
	}
	if p.Duration > 0 {
		share = max(share, v.Elapsed.Seconds()/p.Duration.Seconds())
	}
	return min(max(share, 0), 1)
}

func short(d time.Duration) string {
	if d < 10*time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}
