package client

import (
	"errors"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// What the connection throws away is counted, although nobody knows what it was.
func TestWhatTheConnectionDropsIsCounted(t *testing.T) {
	server := fedtest.StartServer(t, embedded.Options{})
	nc, nodes := fedtest.Connect(t, server), fedtest.Connect(t, server)
	c, err := New(nc, Options{Caller: "up=alice", Clusters: []string{"london"}})
	if err != nil {
		t.Fatal(err)
	}
	call, err := c.Ask(t.Context(), &Request{ID: "7c1f", Secure: []byte("{}"), Version: V2, Nodes: []string{"web1"}, Wait: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.FlushTimeout(fedtest.Patience); err != nil {
		t.Fatal(err)
	}
	call.mu.Lock() // whoever looks at messages waits
	junk := make([]byte, 1_000_000)
	fedtest.Eventually(t, "the connection drops something", func() bool {
		if err := nodes.Publish(call.expected.subject, junk); err != nil {
			t.Fatal(err)
		}
		n, err := call.sub.Dropped()
		return n > 0 && err == nil
	})
	call.mu.Unlock()
	if r := call.Close(); r.LostMessages == 0 || !errors.Is(r.Err, ErrDropped) {
		t.Errorf("%+v", r)
	}
}
