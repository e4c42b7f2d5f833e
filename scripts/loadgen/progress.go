package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/load"
	"github.com/fedrelay/fedrelay/internal/progress"
)

// showProgress returns functions for lab.Options that show what is being waited for, and how far
// the run is.
func showProgress(cmd *cli.Command) (phase func(string), began func(live func() load.Live) (ended func())) {
	if cmd.Bool("np") {
		return nil, nil
	}
	shown, p := progress.New(cmd.Root().ErrWriter), plan(cmd)
	return shown.Show, func(live func() load.Live) (ended func()) {
		return shown.Follow(func() string { return line(live(), p) })
	}
}

// line says how far a run is, how much was carried, and how fast.
func line(v load.Live, p load.Plan) string {
	const cells = 20
	share := done(v, p)
	full := int(cells * share)
	return fmt.Sprintf("%s%s %s  requests %s  replies %s of %s  p50 %s  p99 %s  faults %d",
		strings.Repeat("█", full), strings.Repeat("·", cells-full), progress.Left(max(0, v.Elapsed), share), humanize.Comma(int64(v.Requests)),
		humanize.Comma(v.Replies), humanize.Comma(v.Targets), short(v.P50), short(v.P99), v.Faults)
}

// done is how much of the run is over, 0 to 1.
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
