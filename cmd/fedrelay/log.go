package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/logqueue"
)

// flushTime is how long a slow reader of the log may delay the end of the process.
const flushTime = time.Second

// newLogger returns a log of text on a terminal and of JSON elsewhere, unless c says otherwise.
// Logging never waits for whoever reads stderr. Close lines when nothing more is logged.
func newLogger(c config.Log, stderr *os.File) (log *slog.Logger, lines *logqueue.Writer) {
	format := func(to io.Writer) slog.Handler {
		return textHandler(to, level(c.Level), colours(stderr))
	}
	if logsJSON(c, stderr) {
		format = func(to io.Writer) slog.Handler { return jsonHandler(to, level(c.Level)) }
	}
	lines = logqueue.New(stderr, func(missing int64) []byte {
		var line bytes.Buffer
		logAlways(format(&line), slog.LevelWarn, logqueue.Missing, "lines", missing)
		return line.Bytes()
	})
	return slog.New(format(lines)), lines
}

// logAlways logs at a level, also where less than that is set to be logged.
func logAlways(h slog.Handler, l slog.Level, text string, args ...any) {
	r := slog.NewRecord(time.Now(), l, text, 0)
	r.Add(args...)
	_ = h.Handle(context.Background(), r) // neither a buffer nor a queue fails
}

// logged logs why a run ends badly. The error that it returns has the exit code, and nothing more
// to print.
func logged(log *slog.Logger, err error) error {
	if err == nil {
		return nil
	}
	log.Error(err.Error())
	return command.Exit(command.ExitCode(err), nil)
}

func jsonHandler(w io.Writer, l slog.Level) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l, ReplaceAttr: readable})
}

// readable writes 30s where the library would write 30000000000.
func readable(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

func logsJSON(c config.Log, w *os.File) bool {
	return c.Format == "json" || c.Format == "auto" && !isatty.IsTerminal(w.Fd())
}

func textHandler(w io.Writer, l slog.Level, coloured bool) slog.Handler {
	return tint.NewTextHandler(w, &tint.Options{Level: l, NoColor: !coloured, TimeFormat: time.TimeOnly})
}

// colours follows no-color.org: any value but none turns them off.
func colours(w *os.File) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isatty.IsTerminal(w.Fd())
}

func level(name string) slog.Level {
	return map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[name]
}
