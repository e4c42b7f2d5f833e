package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestJSON(t *testing.T) {
	var out, progress bytes.Buffer
	r, err := Run(context.Background(), Options{Nodes: 60, For: time.Second, JSON: true, Stdout: &out, Stderr: &progress})
	if err != nil {
		t.Fatalf("%v: %+v\n%s", err, r, progress.String())
	}
	var got map[string]any
	d := json.NewDecoder(&out)
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if d.More() {
		t.Error("more than one object on stdout")
	}
	for _, key := range []string{
		"collectives", "nodes", "seconds", "requests", "targets", "delivered", "replies", "lost", "duplicates", "unaccounted",
		"p50_ms", "p99_ms", "first_reply_ms", "replies_per_second",
	} {
		if _, ok := got[key].(float64); !ok {
			t.Errorf("%s is %v, want a number", key, got[key])
		}
	}
	if r.Requests < 1 || r.Targets != 60*r.Requests || r.Delivered != r.Targets || r.Replies != r.Targets {
		t.Errorf("%+v", r)
	}
	if r.FirstReply <= 0 || r.P50 <= 0 || r.P50 > r.P99 || r.P99 > r.Max {
		t.Errorf("times: %+v", r)
	}
	// Every relay publishes every target, and carries the replies of its own nodes.
	for _, b := range r.Relays {
		if b.Copies != r.Targets || b.CopiesConfirmed != b.Copies || 2*b.Replies != r.Replies || b.Rejected != 0 {
			t.Errorf("%+v of %+v", b, r)
		}
	}
}

func TestText(t *testing.T) {
	var out bytes.Buffer
	if _, err := Run(context.Background(), Options{Collectives: 3, Nodes: 10, For: 1, Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"10 nodes in 3 collectives, asked 1 times",
		"lost 0, duplicates 0, misdelivered 0, unaccounted 0",
		"No relay knows which nodes are its own",
		"nats-server -a 127.0.0.1 -p 4225    # newyork",
		"fedrelay run --cluster tokyo --http 127.0.0.1:8281 \\\n    --federation nats://127.0.0.1:4222 --collective nats://127.0.0.1:4224\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if len(strings.TrimSuffix(line, "\n")) > 80 && !strings.HasPrefix(line, "requests ") {
			t.Errorf("wider than a terminal: %s", line)
		}
	}
}

// An end from outside is no failure: the request on its way is finished, and the summary is the
// same.
func TestEndedEarly(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var out lines
	out.seen = func(string) { cancel() }
	r, err := Run(ctx, Options{Nodes: 20, For: time.Hour, Stdout: &out})
	if err != nil || r.Requests == 0 || r.Lost != 0 {
		t.Fatalf("%+v %v", r, err)
	}
}

// lines calls seen for every write.
type lines struct{ seen func(string) }

func (l *lines) Write(p []byte) (int, error) {
	l.seen(string(p))
	return len(p), nil
}

func TestMistakesInOptions(t *testing.T) {
	for _, o := range []Options{{Collectives: 21}, {Collectives: -1}, {Nodes: 1}, {Nodes: 50_001}, {For: -1}} {
		if _, err := Run(context.Background(), o); err == nil || errors.Is(err, ErrUnclean) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// deaf is a relay that carries nothing.
type deaf struct{}

func (deaf) Run(ctx context.Context) error { <-ctx.Done(); return nil }
func (deaf) State() State                  { return State{} }

func TestLossIsAFailure(t *testing.T) {
	o := Options{Nodes: 10, For: 1, askTimeout: 100 * time.Millisecond,
		relay: func(config.Config, *slog.Logger) (carrier, error) { return deaf{}, nil }}
	r, err := Run(context.Background(), o)
	if !errors.Is(err, ErrUnclean) || r.Lost != 10 || r.Replies != 0 {
		t.Fatalf("%+v %v", r, err)
	}
}

// careless is a relay that lost one message without a trace.
type careless struct{ carrier }

func (c careless) State() State {
	s := c.carrier.State()
	s.Books.Unaccounted++
	return s
}

func TestUnaccountedIsAFailure(t *testing.T) {
	o := Options{Nodes: 10, For: 1, relay: func(c config.Config, log *slog.Logger) (carrier, error) {
		r, err := startReal(c, log)
		return careless{r}, err
	}}
	r, err := Run(context.Background(), o)
	if !errors.Is(err, ErrUnclean) || r.Unaccounted != 2 || r.Lost != 0 {
		t.Fatalf("%+v %v", r, err)
	}
}

// broken is a relay whose Run gives up.
type broken struct{}

func (broken) Run(context.Context) error { return io.ErrUnexpectedEOF }
func (broken) State() State              { return State{NotReady: []string{"connecting"}} }

func TestBrokenRelay(t *testing.T) {
	o := Options{Nodes: 10, relay: func(config.Config, *slog.Logger) (carrier, error) { return broken{}, nil }}
	if _, err := Run(context.Background(), o); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
}
