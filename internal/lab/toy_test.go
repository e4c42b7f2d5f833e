package lab

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/fedrelay/fedrelay/internal/toy"
)

// actAsRelay makes the test binary a relay: its value is how that behaves.
const actAsRelay = "RUN_AS_RELAY"

func TestMain(m *testing.M) {
	if how := os.Getenv(actAsRelay); how != "" {
		os.Exit(actToy(how, os.Args[1], os.Args[2], os.Args[3]))
	}
	goleak.VerifyTestMain(m)
}

// toyWithBooks is a relay that keeps books, in a process of its own.
type toyWithBooks struct {
	how      string
	fed, col *nats.Conn

	requests, copies, replies atomic.Int64
}

func actToy(how, fed, col, address string) int {
	if how == "dead" {
		fmt.Println("first words")
		fmt.Println("no licence")
		return 7
	}
	t := &toyWithBooks{how: how}
	var err1, err2 error
	t.fed, err1 = nats.Connect("nats://" + fed)
	t.col, err2 = nats.Connect("nats://" + col)
	if err1 != nil || err2 != nil {
		return 1
	}
	if how == "edge" {
		_, _ = t.fed.Subscribe("choria.federation.london.federation", t.towardsRelay)
		_, _ = t.col.Subscribe("mcollective.reply.edge.>", t.towardsClient)
	} else if how != "mute" {
		_, _ = t.fed.Subscribe("choria.federation.london.federation", t.request)
		_, _ = t.col.Subscribe("choria.federation.london.collective", t.reply)
	}
	http.HandleFunc("/metrics", t.metrics)
	go func() { _ = http.ListenAndServe(address, nil) }()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	<-stop
	if how == "stubborn" {
		select {}
	}
	return 0
}

func (t *toyWithBooks) request(m *nats.Msg) {
	targets, out := toy.OpenRequest(m.Data, "london")
	n := t.requests.Add(1)
	if t.how == "mortal" && n > 200 || t.how == "frail" && len(targets) > 1 {
		fmt.Println("that was too much")
		os.Exit(9)
	}
	t.copies.Add(int64(len(targets))) // first: whoever sees a copy must find it in the books
	for _, target := range targets {
		_ = t.col.Publish(target, out)
	}
}

func (t *toyWithBooks) reply(m *nats.Msg) {
	subject, out := toy.OpenReply(m.Data)
	t.replies.Add(1)
	_ = t.fed.Publish(subject, out)
}

// An edge that reads and writes only JSON. Its second server is the line.
func (t *toyWithBooks) towardsRelay(m *nats.Msg) {
	targets, _ := toy.OpenRequest(m.Data, "london")
	t.requests.Add(1)
	t.copies.Add(int64(len(targets)))
	_ = t.col.Publish(m.Subject, bytes.Replace(m.Data, []byte(`"reply-to":"`), []byte(`"reply-to":"`+edgeAddress), 1))
}

func (t *toyWithBooks) towardsClient(m *nats.Msg) {
	t.replies.Add(1)
	_ = t.fed.Publish(strings.TrimPrefix(m.Subject, edgeAddress), m.Data)
}

const edgeAddress = "mcollective.reply.edge.toy.london.=."

func (t *toyWithBooks) metrics(w http.ResponseWriter, _ *http.Request) {
	if t.how == "bookless" {
		fmt.Fprintln(w, "go_goroutines 7")
		return
	}
	copies := t.copies.Load()
	if t.how == "liar" {
		copies += copies / 10
	}
	fmt.Fprintf(w, "# HELP fedrelay_copies_total x\n")
	for path, n := range map[string][2]int64{"request": {t.requests.Load(), copies}, "reply": {t.replies.Load(), t.replies.Load()}} {
		fmt.Fprintf(w, "fedrelay_messages_received_total{path=%q} %d\n", path, n[0])
		fmt.Fprintf(w, "fedrelay_messages_total{path=%q,fate=\"accepted\",reason=\"\"} %d\n", path, n[0])
		fmt.Fprintf(w, "fedrelay_copies_accepted_total{path=%q} %d\n", path, n[1])
		fmt.Fprintf(w, "fedrelay_copies_total{path=%q,fate=\"confirmed\",reason=\"\"} %d\n", path, n[1])
	}
}
