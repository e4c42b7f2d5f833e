package demo

import (
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
)

const (
	redraw  = 100 * time.Millisecond // of the live line
	oneLine = time.Second            // between plain lines
)

// show prints the progress while the client asks: one line that is redrawn, or one line a second.
type show struct {
	// Set by newShow, then read-only.
	scene   *scene
	started time.Time
	length  time.Duration
	output  io.Writer
	live    bool
	color   bool
	width   func() int
	quit    chan struct{}
	done    chan struct{}

	// Owned by run.
	last   time.Time // of the last rate
	before int64     // replies then
	rate   float64
}

// newShow begins at once; end ends it.
func newShow(o Options, s *scene) *show {
	now := time.Now()
	v := &show{
		scene: s, started: now, length: o.For, output: o.Stdout,
		quit: make(chan struct{}), done: make(chan struct{}), last: now,
	}
	if o.JSON {
		v.output = o.Stderr
	}
	v.terminal(o)
	go v.run()
	return v
}

// terminal finds out whether there is one that can redraw a line, and whether it wants colours.
func (v *show) terminal(o Options) {
	f, ok := v.output.(*os.File)
	if !ok || o.Plain || o.JSON || !isatty.IsTerminal(f.Fd()) || os.Getenv("TERM") == "dumb" {
		return
	}
	v.live, v.color = true, os.Getenv("NO_COLOR") == ""
	v.width = func() int {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
		return 80
	}
}

func (v *show) run() {
	defer close(v.done)
	interval := oneLine
	if v.live {
		interval = redraw
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			v.draw()
		case <-v.quit:
			return
		}
	}
}

func (v *show) draw() {
	n := v.read()
	if v.live {
		_, _ = io.WriteString(v.output, "\r"+n.liveLine(v.width(), v.color)+"\x1b[K")
		return
	}
	_, _ = io.WriteString(v.output, n.plainLine()+"\n")
}

// read takes the numbers of the moment.
func (v *show) read() numbers {
	latency := v.scene.client.Latency()
	t := v.scene.ledger.Totals()
	if since := time.Since(v.last); since >= oneLine*9/10 {
		v.rate = float64(t.Replies-v.before) / since.Seconds()
		v.last, v.before = time.Now(), t.Replies
	}
	return numbers{
		totals: t, rate: v.rate, part: min(1, time.Since(v.started).Seconds()/v.length.Seconds()),
		p50: ms(latency.ValueAtQuantile(50)), p99: ms(latency.ValueAtQuantile(99)),
		unaccounted: v.scene.unaccounted(),
	}
}

// end draws a last time and leaves the line.
func (v *show) end() {
	close(v.quit)
	<-v.done
	if v.live {
		v.draw()
		_, _ = io.WriteString(v.output, "\n")
	}
}
