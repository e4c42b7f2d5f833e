package natsio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
)

// receiver reads a source as a pipeline does.
type receiver struct {
	*Source
	ledger pipeline.Ledger
	pool   pool.Pool
}

func newReceiver(inbox int) *receiver {
	r := &receiver{}
	r.Source = NewSource(SourceConfig{
		Subject: "in", Queue: "q",
		InboxMessages: inbox, InboxBytes: 1 << 20,
		BatchMessages: 10, BatchBytes: 100,
		Ledger: &r.ledger,
	})
	return r
}

// receive returns the next batch, which the caller must release.
func (r *receiver) receive(t *testing.T) (*pipeline.Batch, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	b := &pipeline.Batch{In: r.pool.Get(0)}
	return b, r.Receive(ctx, b)
}

// count receives until the source is closed and returns how many messages that were.
func (r *receiver) count(t *testing.T) (n int) {
	t.Helper()
	for {
		b, err := r.receive(t)
		n += len(b.Messages)
		b.In.Release()
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// attend runs a link for h, until the function that it returns is called or the test ends.
func attend(t *testing.T, h Handler, e *Endpoint) (stop func()) {
	t.Helper()
	return runLink(t, NewLink(LinkConfig{Endpoint: e, Name: "fedrelay test", Handler: h}))
}

// runLink runs a link, until the function that it returns is called or the test ends.
func runLink(t *testing.T, l *Link) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

// client connects as somebody else.
func client(t *testing.T, url string) *nats.Conn {
	t.Helper()
	closed := make(chan struct{})
	nc, err := nats.Connect(url, nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		nc.Close()
		<-closed
	})
	return nc
}

func serve(t *testing.T, s *Source) {
	t.Helper()
	if err := s.Serve(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the source is subscribed", s.Subscribed)
}

func tell(t *testing.T, nc *nats.Conn, payloads ...string) {
	t.Helper()
	for _, p := range payloads {
		if err := nc.Publish("in", []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
}

func TestSourceSubscribesOnlyWhileItServes(t *testing.T) {
	s := start(t, embedded.Options{})
	r := newReceiver(100)
	attend(t, r, endpoint(t, "federation", side(s.ClientURL())))
	nc := client(t, s.ClientURL())
	tell(t, nc, "before")
	serve(t, r.Source)
	tell(t, nc, "during")
	b, err := r.receive(t)
	if err != nil || len(b.Messages) != 1 || string(b.In.B) != "during" {
		t.Fatalf("%q %v", b.In.B, err)
	}
	if b.Origin != s.ClientURL() || b.Received.IsZero() {
		t.Errorf("from %q at %v", b.Origin, b.Received)
	}
	b.In.Release()
	tell(t, nc, "last")
	if err := r.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	tell(t, nc, "after")
	r.Close()
	if n := r.count(t); n != 1 {
		t.Errorf("%d messages after leaving, want the one sent before", n)
	}
	if n := r.pool.InUse(); n != 0 {
		t.Errorf("%d buffers are still lent", n)
	}
}

func TestBatchesEndAtTheirLimits(t *testing.T) {
	s := start(t, embedded.Options{})
	r := newReceiver(1000)
	attend(t, r, endpoint(t, "federation", side(s.ClientURL())))
	serve(t, r.Source)
	nc := client(t, s.ClientURL())
	// Batches hold 10 messages or 100 bytes; a larger message is alone.
	tell(t, nc, strings.Split(strings.Repeat("x ", 24)+"x", " ")...)
	tell(t, nc, strings.Repeat("y", 60), strings.Repeat("y", 60), strings.Repeat("z", 500), "w")
	eventually(t, "all messages wait", func() bool {
		n, _ := r.Waiting()
		return n == 29
	})
	var got []int
	for range 6 {
		b, err := r.receive(t)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, len(b.In.B))
		b.In.Release()
	}
	if want := "[10 10 65 60 500 1]"; fmt.Sprint(got) != want {
		t.Errorf("batches of %v bytes, want %s", got, want)
	}
}

func TestAFullInboxDropsAndCounts(t *testing.T) {
	s := start(t, embedded.Options{})
	r := newReceiver(7)
	attend(t, r, endpoint(t, "federation", side(s.ClientURL())))
	serve(t, r.Source)
	nc := client(t, s.ClientURL())
	for i := range 50 {
		tell(t, nc, fmt.Sprint(i))
	}
	if err := r.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.Close()
	snapshot := r.ledger.Snapshot()
	if n := r.count(t); n != 7 || snapshot.IngestDropped != 43 {
		t.Errorf("%d received, %d dropped", n, snapshot.IngestDropped)
	}
}

func TestMessagesBeforeTheEndOfAConnectionAreNotLost(t *testing.T) {
	const messages = 20_000
	served := make(chan struct{}, 1)
	address := fakeServer(t, func(c *fakeConn) {
		c.welcome(plainINFO)
		sid := ""
		for sid == "" {
			line, err := c.in.ReadString('\n')
			if err != nil {
				return
			}
			if fields := strings.Fields(line); fields[0] == "SUB" {
				sid = fields[len(fields)-1]
			}
		}
		c.in.ReadString('\n') // PING
		c.send("PONG\r\n" + strings.Repeat("MSG in "+sid+" 1\r\nx\r\n", messages))
		select {
		case served <- struct{}{}:
		default:
		}
	})
	r := newReceiver(1_000_000)
	stop := attend(t, r, endpoint(t, "federation", side("nats://"+address)))
	if err := r.Serve(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	<-served
	eventually(t, "everything that the server sent is there", func() bool {
		n, _ := r.Waiting()
		return n >= messages
	})
	stop()
	if s := r.ledger.Snapshot(); s.IngestDropped != 0 {
		t.Errorf("%d dropped", s.IngestDropped)
	}
}

func TestADeniedSubscriptionIsSaidAndTriedAgain(t *testing.T) {
	denied := user("relay", "pw")
	denied.Permissions = deny("in")
	s := start(t, embedded.Options{Users: users(denied)})
	r := newReceiver(10)
	e := side(s.ClientURL())
	e.User, e.Password = "relay", "pw"
	attend(t, r, endpoint(t, "federation", e))
	eventually(t, "the server's refusal is returned", func() bool {
		err := r.Serve(t.Context(), true) // nil while there is no connection
		if err != nil {
			return strings.Contains(strings.ToLower(err.Error()), "permissions violation")
		}
		_ = r.Serve(t.Context(), false)
		return false
	})
	if r.Subscribed() {
		t.Error("subscribed though denied")
	}
}

func users(u ...*natsserver.User) []*natsserver.User { return u }

func deny(subject string) *natsserver.Permissions {
	return &natsserver.Permissions{Subscribe: &natsserver.SubjectPermission{Deny: []string{subject}}}
}

func TestASubscriptionOfADeadConnectionEnds(t *testing.T) {
	s := start(t, embedded.Options{})
	nc := client(t, s.ClientURL())
	nsub, err := nc.QueueSubscribe("in", "q", func(*nats.Msg) {})
	if err != nil {
		t.Fatal(err)
	}
	nc.Close() // nats.go's goroutine for the subscription ends without a handler to call
	sub := newSubscription(nsub)
	select {
	case <-sub.closed:
	case <-time.After(patience):
		t.Fatal("the subscription never ends")
	}
}
