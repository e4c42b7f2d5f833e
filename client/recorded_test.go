package client_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/client"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A recorded message is one that stock programs published on the federation's side.
type recorded struct{ Side, Leg, Broker, Subject, Data string }

func readRecorded(t *testing.T, file string) (all []recorded) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.Side == "federation" {
			all = append(all, r)
		}
	}
	return all
}

// An opened message is one taken apart as far as a client needs to know it.
type opened struct {
	Data    []byte
	Headers struct {
		Sender1    string `json:"mc_sender"`
		Sender2    string `json:"sender"`
		Federation struct {
			ID1      string   `json:"req"`
			ID2      string   `json:"request"`
			Targets1 []string `json:"target"`
			Targets2 []string `json:"targets"`
		}
	}
}

func open(t *testing.T, text string) (o opened) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *opened) sender() string { return o.Headers.Sender1 + o.Headers.Sender2 }
func (o *opened) id() string     { return o.Headers.Federation.ID1 + o.Headers.Federation.ID2 }
func (o *opened) targets() []string {
	return append(o.Headers.Federation.Targets1, o.Headers.Federation.Targets2...)
}

// What a stock client published is published again, byte for byte but for the name of the server,
// and what stock nodes answered through the incumbent is read.
func TestRecordedConversationsAreRepeated(t *testing.T) {
	files, err := filepath.Glob("../../shared/vectors/conversations/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Skip("no recorded traffic here")
	}
	server := fedtest.StartServer(t, embedded.Options{})
	s := &stage{T: t, nc: fedtest.Connect(t, server), tap: fedtest.NewTap(t, server)}
	for _, file := range files {
		all := readRecorded(t, file)
		requests := map[string][]recorded{}
		for _, r := range all {
			if o := open(t, r.Data); r.Leg == "request" {
				requests[o.id()] = append(requests[o.id()], r)
			}
		}
		for _, messages := range requests {
			if !strings.Contains(file, "batched") {
				s.repeat(messages, all)
				continue
			}
			for _, m := range messages { // each batch is a request of its own
				s.repeat([]recorded{m}, all)
			}
		}
	}
}

// A stage is where a conversation is repeated.
type stage struct {
	*testing.T
	nc  *nats.Conn
	tap *fedtest.Tap
}

// repeat asks what messages ask, compares what is published, and publishes the replies to it.
func (s *stage) repeat(messages, all []recorded) {
	o := open(s.T, messages[0].Data)
	r := &client.Request{ID: o.id(), Secure: o.Data, Wait: fedtest.Patience}
	clusters, want := map[string]bool{}, map[string]int{}
	for _, m := range messages {
		clusters[strings.Split(m.Subject, ".")[2]] = true
		want[m.Subject+m.Data]++
		if m.Subject == messages[0].Subject {
			aim(r, open(s.T, m.Data))
		}
	}
	replies := repliesTo(s.T, r, all)
	r.Expect = len(replies)
	c, err := client.New(s.nc, client.Options{
		Caller: callerOf(s.T, o), Clusters: slices.Sorted(maps.Keys(clusters)), Identity: "bastion1.fed.example.net", SingleReplies: true,
	})
	if err != nil {
		s.Fatal(err)
	}
	call := start(s.T, c, r)
	for range messages {
		m := s.tap.Next()
		want[m.Subject+strings.ReplaceAll(string(m.Data), s.nc.ConnectedUrlRedacted(), "nats://127.0.0.1:4310")]--
	}
	for text, n := range want {
		if n != 0 {
			s.Errorf("%+d times: %s", n, text)
		}
	}
	s.read(call, replies)
}

// aim addresses a request to the targets of a message.
func aim(r *client.Request, o opened) {
	for _, target := range o.targets() {
		kind, name, _ := strings.Cut(strings.SplitN(target, ".", 2)[1], ".")
		if kind == "node" {
			r.Nodes = append(r.Nodes, name)
		} else {
			r.Agent = strings.TrimPrefix(name, "agent.")
		}
	}
}

// repliesTo finds the replies to r.
func repliesTo(t *testing.T, r *client.Request, all []recorded) (replies []recorded) {
	for _, m := range all {
		if m.Leg != "reply" || !strings.HasSuffix(m.Subject, "."+r.ID) {
			continue
		}
		if o := open(t, m.Data); r.Agent != "" || slices.Contains(r.Nodes, o.sender()) {
			replies = append(replies, m)
		}
	}
	return replies
}

// read publishes the replies, and compares what the caller gets.
func (s *stage) read(call *client.Call, replies []recorded) {
	for _, m := range replies {
		s.tap.Send(m.Subject, m.Data)
	}
	n := 0
	for reply := range call.Replies() {
		o := open(s.T, replies[n].Data)
		if n++; reply.Sender != o.sender() || !bytes.Equal(reply.Secure, o.Data) || len(reply.Trace()) != 4 {
			s.Errorf("%+v", reply)
		}
	}
	if result := call.Close(); n == 0 || n != len(replies) || result.Rejected != nil || result.Err != nil {
		s.Errorf("%d of %d replies: %+v", n, len(replies), result)
	}
}

// callerOf finds the caller in a signed request.
func callerOf(t *testing.T, o opened) string {
	t.Helper()
	var document struct {
		Message string
		Request []byte
	}
	var request struct {
		Caller   string
		Envelope struct{ CallerID string }
	}
	if err := json.Unmarshal(o.Data, &document); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(append([]byte(document.Message), document.Request...), &request); err != nil {
		t.Fatal(err)
	}
	return request.Caller + request.Envelope.CallerID
}
