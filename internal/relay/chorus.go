package relay

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
)

// A chorus is the log of the link of one lane. The links of a path mostly have the same to say at
// the same time, so the first lane in use speaks for all. Another one's warning is logged if the
// first lane is up, and nobody has said the same a moment ago. All else it says is for debugging.
// So is what lanes say that are not in use.
type chorus struct {
	slog.Handler
	path *path
	lane *lane
}

// Handle implements slog.Handler.
func (c *chorus) Handle(ctx context.Context, r slog.Record) error {
	if !c.speaks(r) {
		r.Level = slog.LevelDebug
	}
	if !c.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return c.Handler.Handle(ctx, r)
}

// speaks reports whether a line is logged as what it is.
func (c *chorus) speaks(r slog.Record) bool {
	lanes := c.path.inUse()
	if c.lane == lanes[0] {
		c.path.said.recently(r.Message)
		return true
	}
	return r.Level >= slog.LevelWarn && slices.Contains(lanes, c.lane) &&
		lanes[0].publisher.Up() && !c.path.said.recently(r.Message)
}

// WithAttrs implements slog.Handler.
func (c *chorus) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &chorus{c.Handler.WithAttrs(attrs), c.path, c.lane}
}

// WithGroup implements slog.Handler.
func (c *chorus) WithGroup(name string) slog.Handler {
	return &chorus{c.Handler.WithGroup(name), c.path, c.lane}
}

// repeated is how long ago a text was said for the last time that need not be said again.
const repeated = 10 * time.Second

// said remembers the latest texts, each once. The zero value remembers none.
type said struct {
	// Guarded by mu.
	mu    lock.Mutex[said]
	texts [8]string
	when  [8]time.Time
	next  int // where the next text goes that is not there yet
}

// recently reports whether the text was said a moment ago. If not, it is said now.
func (s *said) recently(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	i := slices.Index(s.texts[:], text)
	if i >= 0 && now.Sub(s.when[i]) < repeated {
		return true
	}
	if i < 0 {
		i = s.next
		s.next = (s.next + 1) % len(s.texts)
	}
	s.texts[i], s.when[i] = text, now
	return false
}
