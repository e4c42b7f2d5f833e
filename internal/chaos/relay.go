package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/child"
)

// patience is for how long a process may take to start or to end, and a relay to be ready.
const patience = 30 * time.Second

// A relay is one instance. It can be started again, perhaps from another program.
type relay struct {
	number  int
	world   *world
	starts  int
	process *child.Process
	http    string   // host:port of its metrics
	ways    [2]*wire // to the federation and to the collective
}

// start starts the process, and waits until it is ready.
func (r *relay) start(ctx context.Context) error {
	o := r.world.options
	program := o.Relay
	if len(o.Old) > 0 && r.starts%2 == 1 {
		program = o.Old
	}
	r.starts++
	ports := filepath.Join(r.world.dir, fmt.Sprintf("ports%d-%d.json", r.number, r.starts))
	command := append(append([]string{}, program...), "run", "--cluster", cluster, "--identity", fmt.Sprintf("relay%d", r.number),
		"--federation", "nats://"+r.ways[0].address(), "--collective", "nats://"+r.ways[1].address(),
		"--http", "127.0.0.1:0", "--ports-file", ports, "--drain-replies", drainReplies.String(), "--log-level", "error")
	for _, flag := range r.world.fault.Flags {
		command = append(command, r.filled(flag))
	}
	if wrap := r.world.fault.Wrap; wrap != "" {
		command = append([]string{"/bin/sh", "-c", r.filled(wrap), "sh"}, command...)
	}
	var err error
	if r.process, err = child.Start(command, nil); err != nil {
		return fmt.Errorf("relay %d: %w", r.number, err)
	}
	return r.awaitReady(ctx, ports)
}

// filled puts what the relay is, and where files are, into a text of a fault.
func (r *relay) filled(text string) string {
	text = strings.ReplaceAll(text, "{limit}", r.world.limit)
	return strings.NewReplacer("{dir}", r.world.dir, "{n}", strconv.Itoa(r.number)).Replace(text)
}

// drainReplies is how long relays wait for replies to their last requests. Nodes answer at once.
const drainReplies = 300 * time.Millisecond

func (r *relay) awaitReady(ctx context.Context, ports string) error {
	return r.await(ctx, "ready", func() bool {
		var told struct{ HTTP string }
		content, err := os.ReadFile(ports)
		if err == nil && json.Unmarshal(content, &told) == nil {
			r.http = told.HTTP
		}
		return r.http != "" && r.ready()
	})
}

// await asks ok again and again, until the process has ended or has been waited for long enough.
func (r *relay) await(ctx context.Context, what string, ok func() bool) error {
	deadline := time.Now().Add(patience)
	for !ok() {
		if err, ended := r.process.Ended(); ended {
			return fmt.Errorf("relay %d ended before it was %s: %w", r.number, what, err)
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("relay %d is not %s after %s", r.number, what, patience)
		}
		pause(ctx, 10*time.Millisecond)
	}
	return nil
}

var visitor = &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func (r *relay) ready() bool {
	response, err := visitor.Get("http://" + r.http + "/readyz")
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// stop ends the process in order, and returns what its books say in the end.
func (r *relay) stop() (books, error) {
	var shown books
	if r.world.fault.Mute {
		var err error
		if shown.unaccounted, err = r.unaccounted(); err != nil {
			return shown, err
		}
	}
	if err := r.process.Stop(patience); err != nil {
		return books{}, fmt.Errorf("relay %d: %w", r.number, err)
	}
	if r.world.fault.Mute {
		return shown, nil
	}
	b, ok := readBooks(r.process.Said())
	if !ok {
		return books{}, fmt.Errorf("relay %d said nothing of its books: %s", r.number, r.process.Said())
	}
	return b, nil
}

// unaccounted is what the metrics of a relay say, which is not 0 if it has a bug.
func (r *relay) unaccounted() (int64, error) {
	sum, err := r.metric("fedrelay_unaccounted", "path=")
	return int64(sum), err
}

// metric sums the series of a relay with this name and this text among their labels.
func (r *relay) metric(name, label string) (sum float64, err error) {
	response, err := visitor.Get("http://" + r.http + "/metrics")
	if err != nil {
		return 0, fmt.Errorf("relay %d: %w", r.number, err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, fmt.Errorf("relay %d: %w", r.number, err)
	}
	found := 0
	for line := range strings.Lines(string(page)) {
		series, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if labels, ok := strings.CutPrefix(series, name); ok && strings.Contains(labels, label) {
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return 0, fmt.Errorf("relay %d: %q: %w", r.number, line, err)
			}
			sum += value
			found++
		}
	}
	if found == 0 {
		return 0, fmt.Errorf("relay %d has no metric %s with %s", r.number, name, label)
	}
	return sum, nil
}

// books are what the ledger of a relay says.
type books struct{ confirmed, unconfirmed, replies, repliesInDoubt, unaccounted int64 }

func (b *books) add(o books) {
	b.confirmed += o.confirmed
	b.unconfirmed += o.unconfirmed
	b.replies += o.replies
	b.repliesInDoubt += o.repliesInDoubt
	b.unaccounted += o.unaccounted
}

var ledgerLine = regexp.MustCompile(`ledger: request: .*?= confirmed (\d+) \+ unconfirmed (\d+) .*?; reply: .*?= confirmed (\d+) \+ unconfirmed (\d+) .*?; unaccounted (-?\d+)`)

// readBooks reads the line that a relay says last.
func readBooks(said string) (b books, ok bool) {
	m := ledgerLine.FindStringSubmatch(said)
	if m == nil {
		return b, false
	}
	for i, field := range []*int64{&b.confirmed, &b.unconfirmed, &b.replies, &b.repliesInDoubt, &b.unaccounted} {
		*field, _ = strconv.ParseInt(m[i+1], 10, 64) // digits, as many as a relay has counted
	}
	return b, true
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
