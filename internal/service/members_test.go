package service_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/service"
)

// Three relays and a broker of 2017, which answers no questions. Nobody gets a message.
func TestMembersThatDoNotAnswerAreNamed(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	for _, name := range []string{"relay1", "1 @ fb.example.net", "relay3"} {
		c := n.Config()
		c.Identity = name
		fedtest.StartRelay(t, c)
	}
	broker := fedtest.Connect(t, n.Federation, nats.Name("fedbroker_london_fb1"))
	got := make(chan *nats.Msg, 1000)
	if _, err := broker.ChanQueueSubscribe(fedtest.FederationSubject, "london_federation", got); err != nil {
		t.Fatal(err)
	}
	if err := broker.Flush(); err != nil {
		t.Fatal(err)
	}
	o := (&world{t: t, server: n.Federation}).operator()
	members, err := service.Members(t.Context(), o.Conn, fedtest.Cluster)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range members {
		names = append(names, fmt.Sprintf("%s: %q in %s", m.Connection, m.Identity, m.Queue))
	}
	want := []string{
		`fedbroker_london_fb1: "" in london_federation`,
		`fedrelay london 1 @ fb.example.net federation receive: "1 @ fb.example.net" in london_federation`,
		`fedrelay london relay1 federation receive: "relay1" in london_federation`,
		`fedrelay london relay3 federation receive: "relay3" in london_federation`,
	}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	if err := broker.Flush(); err != nil {
		t.Fatal(err)
	}
	if len(got) != 0 {
		t.Error("a trace was delivered")
	}
	if members, err := service.Members(t.Context(), o.Conn, "tokyo"); err != nil || len(members) != 0 {
		t.Errorf("members %v, %v", members, err)
	}
}
