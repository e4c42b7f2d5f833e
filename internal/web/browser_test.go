package web_test

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/tools"
)

// A browser is a headless Chromium with one tab.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	asked  []string // addresses of all requests
	faults []string // errors, and what the policy has forbidden
}

func startBrowser(t *testing.T) *browser {
	t.Helper()
	b := &browser{t: t}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(tools.Need(t, "chromium")), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, end := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(end)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithListener(b.hear))
	t.Cleanup(cancel)
	b.ctx = ctx
	b.do() // starts it
	for _, enable := range []cdp.Command[cdp.Empty, cdp.Empty]{log.Enable, runtime.Enable} {
		if _, err := chromedp.Call(ctx, enable, cdp.Empty{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return b
}

// hear keeps what a test looks at in the end.
func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	case *log.EventEntryAdded:
		b.faults = append(b.faults, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, fmt.Sprint(e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		b.faults = append(b.faults, fmt.Sprintf("console.%s", e.Type))
	}
}

// forget returns the faults and forgets them.
func (b *browser) forget() (faults []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	faults, b.faults = b.faults, nil
	return faults
}

// foreign returns addresses of requests to other places than host.
func (b *browser) foreign(host string) (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, address := range b.asked {
		if u, err := url.Parse(address); err != nil || u.Host != host && u.Scheme != "data" {
			all = append(all, address)
		}
	}
	return all
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, fedtest.Patience)
	defer cancel()
	if len(steps) == 0 {
		ctx = b.ctx // the first call decides how long the browser lives
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// eval returns the value of an expression.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// evalLater returns the value of a promise.
func evalLater[T any](b *browser, promise string) T {
	b.t.Helper()
	eval[string](b, `window.later = undefined, (`+promise+`).then((v) => { window.later = v; }), ''`)
	b.until(`window.later !== undefined`)
	return eval[T](b, `window.later`)
}

// until waits until an expression is true.
func (b *browser) until(expression string) {
	b.t.Helper()
	fedtest.Within(b.t, fedtest.Patience, 20*time.Millisecond, expression, func() bool { return eval[bool](b, expression) })
}

// signal sends a signal to the process that talks to servers.
func (b *browser) signal(s syscall.Signal) {
	b.t.Helper()
	if err := chromedp.FromContext(b.ctx).Browser.Process().Signal(s); err != nil {
		b.t.Fatal(err)
	}
}
