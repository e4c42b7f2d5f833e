package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/fedrelay/fedrelay/internal/telemetry"
)

const (
	// readyPatience is how long systemd is kept waiting for both sides. What is ordered behind this
	// service, the end of a boot perhaps, waits as long.
	readyPatience = 30 * time.Second
	// readyLook is the time between two looks before that.
	readyLook = 100 * time.Millisecond
	// statusInterval is the time between two lines of status, which are sent only if they differ.
	statusInterval = 5 * time.Second
)

// A herald tells systemd how a run goes: when it is ready, what it does, and that it is alive.
type herald struct {
	// Set before run.
	tell     func(state string)
	views    func() []telemetry.View
	hangs    func() []string // which paths have not moved since the last call although they could
	refused  func() bool     // the last reload was refused
	watchdog time.Duration   // systemd wants a sign of life as often; 0: it does not
	log      *slog.Logger

	announced atomic.Bool // that the run is ready

	mu     sync.Mutex
	status string // that was sent last; guarded by mu

	stuck bool // the last look found paths that hang; owned by run
}

// run blocks until ctx ends.
func (h *herald) run(ctx context.Context) {
	h.becomeReady(ctx)
	status := time.NewTicker(statusInterval)
	defer status.Stop()
	for alive := h.aliveTicks(ctx); ; {
		select {
		case <-status.C:
			h.tellStatus()
		case <-alive:
			h.tellAlive()
		case <-ctx.Done():
			return
		}
	}
}

// becomeReady tells that the run is ready, when it is, or when readyPatience is over.
func (h *herald) becomeReady(ctx context.Context) {
	late := time.After(readyPatience)
	look := time.NewTicker(readyLook)
	defer look.Stop()
	alive := h.aliveTicks(ctx)
	for ready, _ := h.ready(); !ready; ready, _ = h.ready() {
		select {
		case <-look.C:
			h.tellStatus()
			continue
		case <-alive:
			h.tellAlive()
			continue
		case <-ctx.Done():
			return
		case <-late:
		}
		break
	}
	h.announced.Store(true)
	h.tell(daemon.SdNotifyReady)
	h.tellStatus()
}

// aliveTicks returns when to tell that the process is alive: three times as often as systemd looks.
func (h *herald) aliveTicks(ctx context.Context) <-chan time.Time {
	if h.watchdog == 0 {
		return nil
	}
	t := time.NewTicker(h.watchdog / 3)
	context.AfterFunc(ctx, t.Stop)
	return t.C
}

// tellAlive tells it unless a path has work, could do it, and has not moved since the last call.
// Then systemd ends the process with SIGABRT after a while, and Go prints what hangs where.
func (h *herald) tellAlive() {
	stuck := h.hangs()
	if len(stuck) == 0 {
		h.stuck = false
		h.tell(daemon.SdNotifyWatchdog)
		return
	}
	if !h.stuck {
		h.log.Error("nothing moves although it could; systemd is not told that this process is alive", "paths", stuck)
	}
	h.stuck = true
}

// reloading and reloaded stand around a reload. systemd waits for the second. Whoever has waited
// with it wants to see what came of the reload.
func (h *herald) reloading() {
	if h.announced.Load() {
		h.tell(daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec())
	}
}

func (h *herald) reloaded(bool) {
	if h.announced.Load() {
		h.tellStatus()
		h.tell(daemon.SdNotifyReady)
	}
}

func (h *herald) tellStatus() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.statusNow(); s != h.status {
		h.status = s
		h.tell("STATUS=" + s)
	}
}

// statusNow says on one line what is wrong, or else what was done.
func (h *herald) statusNow() string {
	ready, reasons := h.ready()
	var text string
	if h.refused() {
		text = "the last reload was refused; "
	}
	if !ready {
		return oneLine(text + "not ready: " + strings.Join(reasons, "; "))
	}
	var parts []string
	for _, v := range h.views() {
		for _, p := range v.Paths() {
			parts = append(parts, fmt.Sprintf("%s %d received, %d copies accepted, %d in flight",
				prefix(v)+p.Name, p.Ledger.Received, p.Ledger.Copies, p.Ledger.InFlight()))
		}
	}
	return oneLine(text + "ready; " + strings.Join(parts, "; "))
}

func (h *herald) ready() (ready bool, reasons []string) {
	ready = true
	for _, v := range h.views() {
		ok, found := v.Ready()
		ready = ready && ok
		for _, r := range found {
			reasons = append(reasons, prefix(v)+r)
		}
	}
	return ready, reasons
}

// prefix tells the clusters of an edge apart.
func prefix(v telemetry.View) string {
	if info := v.Info(); info.Edge {
		return info.Cluster + ": "
	}
	return ""
}

// oneLine returns text as systemctl shows it, without line breaks and not too long.
func oneLine(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strings.ToValidUTF8(text, "")
}
