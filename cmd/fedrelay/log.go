package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/logqueue"
)

// flushTime is how long a slow reader of the log may delay the end of the process.
const flushTime = time.Second

// logging is a log whose level and format can change.
type logging struct {
	*slog.Logger
	lines *logqueue.Writer

	level slog.LevelVar
	json  atomic.Bool
	auto  bool // whether the format auto is JSON
}

// newLogger returns a log of text on a terminal and of JSON elsewhere, unless c says otherwise.
// Logging never waits for whoever reads stderr. Close its lines when nothing more is logged.
func newLogger(c config.Log, stderr *os.File) *logging {
	l := &logging{auto: !isatty.IsTerminal(stderr.Fd())}
	l.set(c)
	l.lines = logqueue.New(stderr, func(missing int64) []byte {
		var line bytes.Buffer
		logAlways(l.handler(&line, stderr), slog.LevelWarn, logqueue.Missing, "lines", missing)
		return line.Bytes()
	})
	l.Logger = slog.New(l.handler(l.lines, stderr))
	return l
}

// set changes what is logged, and how.
func (l *logging) set(c config.Log) {
	l.level.Set(level(c.Level))
	l.json.Store(c.Format == "json" || c.Format == "auto" && l.auto)
}

func (l *logging) handler(to io.Writer, stderr *os.File) slog.Handler {
	return &eitherHandler{
		isJSON: &l.json, json: jsonHandler(to, &l.level), text: textHandler(to, &l.level, colours(stderr)),
	}
}

// eitherHandler writes JSON or text, as isJSON says at the moment.
type eitherHandler struct {
	isJSON     *atomic.Bool
	json, text slog.Handler
}

func (h *eitherHandler) now() slog.Handler {
	if h.isJSON.Load() {
		return h.json
	}
	return h.text
}

// Enabled implements slog.Handler.
func (h *eitherHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.now().Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (h *eitherHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.now().Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *eitherHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &eitherHandler{h.isJSON, h.json.WithAttrs(attrs), h.text.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h *eitherHandler) WithGroup(name string) slog.Handler {
	return &eitherHandler{h.isJSON, h.json.WithGroup(name), h.text.WithGroup(name)}
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

func jsonHandler(w io.Writer, l slog.Leveler) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l, ReplaceAttr: readable})
}

// readable writes 30s where the library would write 30000000000.
func readable(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

func textHandler(w io.Writer, l slog.Leveler, coloured bool) slog.Handler {
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
