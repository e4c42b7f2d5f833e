package service_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// broker2017 is a document as a broker of 2017 published it.
const broker2017 = `{"version":"0.0.20","start_time":1500000000,"cluster":"london","instance":"1 @ fb1.ldn.example.net","config_file":"/etc/puppetlabs/mcollective/federation.cfg","status":"OK",
"threads":{"stats_publisher":{"alive":true,"status":"sleep"},"federation_inbox_handler":{"alive":false,"status":false}},
"collective":{"source":"choria.federation.london.collective","received":23,"sent":60,"last_message":1500000900,"connected_server":"nats://choria1.ldn.example.net:4222","work_queue":0},
"federation":{"source":"choria.federation.london.federation","received":20,"sent":23,"last_message":1500000900,"connected_server":"nats://choria1.fed.example.net:4222","work_queue":0},
"/stats":{"requests":0}}`

// An observer keeps the latest document of each instance and prints them as `mco federation
// observe` did. It fails where that would have failed: on a key that is missing, or of another
// type.
type observer map[string]map[string]any

func (o observer) hear(t *testing.T, m *nats.Msg) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(m.Data)))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc["cluster"] == "london" {
		o[doc["instance"].(string)] = doc
	}
}

// count returns a number of a side of a document.
func count(doc map[string]any, side, key string) int64 {
	n, err := doc[side].(map[string]any)[key].(json.Number).Int64()
	if err != nil {
		panic(err)
	}
	return n
}

func (o observer) print() string {
	var b strings.Builder
	var names []string
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, side := range []string{"Federation", "Collective"} {
		var received, sent int64
		for _, name := range names {
			received += count(o[name], strings.ToLower(side), "received")
			sent += count(o[name], strings.ToLower(side), "sent")
		}
		fmt.Fprintf(&b, "%s\n  Totals:\n    Received: %d  Sent: %d\n", side, received, sent)
		for _, name := range names {
			r, s := count(o[name], strings.ToLower(side), "received"), count(o[name], strings.ToLower(side), "sent")
			fmt.Fprintf(&b, "%30s: Received: %d (%.1f%%) Sent: %d (%.1f%%)\n", name,
				r, float64(r)/float64(received)*100, s, float64(s)/float64(sent)*100)
		}
	}
	b.WriteString("Instances:\n")
	for _, name := range names {
		started, err := o[name]["start_time"].(json.Number).Int64()
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "%30s: %s started %s\n", name, o[name]["version"].(string), time.Unix(started, 0).UTC().Format("2006"))
	}
	return b.String()
}

// The observer of 2017 sees a relay beside a broker of its own time.
func TestAnObserverOf2017ReadsTheStatistics(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	client := fedtest.Connect(t, n.Federation)
	heard, err := client.SubscribeSync("choria.federation.london.stats")
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Flush(); err != nil {
		t.Fatal(err)
	}
	c := n.Config()
	c.Stats.Interval = 10 * time.Millisecond
	if c.Stats.Publish != config.PublishAuto {
		t.Fatal("not by default")
	}
	fedtest.StartProcess(t, c, nil)
	for i := range 20 {
		request := fedtest.Request(fmt.Sprint("r", i), fedtest.Node("a"), fedtest.Node("b"))
		if err := client.Publish(fedtest.FederationSubject, []byte(request)); err != nil {
			t.Fatal(err)
		}
	}
	nodes := fedtest.Connect(t, n.Collective)
	for i := range 9 {
		if err := nodes.Publish(fedtest.CollectiveSubject, []byte(fedtest.Reply(fmt.Sprint("r", i), "a"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.Publish("choria.federation.london.stats", []byte(broker2017)); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`Federation
  Totals:
    Received: 40  Sent: 32
       1 @ fb1.ldn.example.net: Received: 20 (50.0%%) Sent: 23 (71.9%%)
                        relay1: Received: 20 (50.0%%) Sent: 9 (28.1%%)
Collective
  Totals:
    Received: 32  Sent: 100
       1 @ fb1.ldn.example.net: Received: 23 (71.9%%) Sent: 60 (60.0%%)
                        relay1: Received: 9 (28.1%%) Sent: 40 (40.0%%)
Instances:
       1 @ fb1.ldn.example.net: 0.0.20 started 2017
                        relay1: test started %s
`, time.Now().UTC().Format("2006"))
	o := observer{}
	for got := ""; got != want; got = o.print() {
		m, err := heard.NextMsg(fedtest.Patience)
		if err != nil {
			t.Fatalf("%v; it shows\n%s", err, got)
		}
		if m.Reply != "" || len(m.Header) > 0 {
			t.Errorf("reply %q, header %v", m.Reply, m.Header)
		}
		o.hear(t, m)
	}
}
