package main

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"

	"github.com/fedrelay/fedrelay/internal/config"
)

// newLogger writes text for people on a terminal and JSON for everything else, unless told otherwise.
func newLogger(c config.Log, w *os.File) *slog.Logger {
	if logsJSON(c, w) {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level(c.Level), ReplaceAttr: readable}))
	}
	return slog.New(textHandler(w, level(c.Level), colours(w)))
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
