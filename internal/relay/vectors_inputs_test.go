package relay_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// input returns a message that users of other brokers have reported.
func input(t *testing.T, name string) string {
	t.Helper()
	skipWithoutVectors(t)
	b, err := os.ReadFile(filepath.Join(vectorsDir, "../cases", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What "choria req -T iot" sends: targets in a sub collective, a reply subject in the client's main
// one. The copy goes out and the answer finds its way back.
func TestAnswersToASubCollectiveReachTheMainOne(t *testing.T) {
	b := newBench(t, embedded.Options{}, nil)
	seen := b.sendAll(t, federation, input(t, "01-subcollective-reply/request.json"))
	if want := []string{"iot.node.n1.example.net"}; !slices.Equal(seen, want) {
		t.Fatalf("published to %q, want %q", seen, want)
	}
	answer := fill(v1reply(savedReply("mcollective.reply.0123.4567")), "")
	if seen = b.sendAll(t, collective, answer); !slices.Equal(seen, []string{"mcollective.reply.0123.4567"}) {
		t.Errorf("answered on %q", seen)
	}
}

// One mistyped name costs itself only. The log says which it was, of whose request.
func TestOneBadNameIsSkippedAndNamed(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	var book logBook
	r, err := relay.New(n.Config(), relay.Options{Log: slog.New(slog.NewTextHandler(&book, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	fedtest.Eventually(t, "the relay is ready", func() bool { ok, _ := r.Ready(); return ok })
	federation, collective := fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective)
	federation.Send(fedtest.FederationSubject, input(t, "06-one-bad-name/request.json"))
	if got := collective.Next().Subject; got != "mcollective.node.n1.example.net" {
		t.Errorf("published to %s", got)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	request, _ := r.Ledgers()
	if request.Fates[pipeline.Skipped][wire.EmptyToken] != 1 || request.Copies != 2 || request.RejectedTotal() != 0 || !request.Balanced() {
		t.Error(request.String())
	}
	for _, want := range []string{"targets skipped", "target=mcollective.node.n2.example.net. position=", "sender=", "request=", "reason=empty_token"} {
		if !strings.Contains(book.String(), want) {
			t.Errorf("no %q in:\n%s", want, book.String())
		}
	}
}
