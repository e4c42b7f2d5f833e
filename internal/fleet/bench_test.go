package fleet

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/toy"
)

func requestFor(b *testing.B, d dialect) []byte {
	b.Helper()
	data := d.seal(question{id: d.newID(), sender: "client1.fed.example.net", caller: "choria=alice.mcollective",
		collective: "mcollective", agent: "rpcutil", body: requestBody("rpcutil", "ping", 0), asked: time.Now()})
	return d.marshal(data, Headers{
		ReplyTo: "choria.federation.london.collective", Sender: "client1.fed.example.net",
		Trace:      [][]string{{"nats://127.0.0.1:4222", "client1.fed.example.net", "nats://127.0.0.1:4222"}},
		Federation: &Federation{Request: d.newID(), ReplyTo: "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.1"},
	})
}

// BenchmarkReply is what one reply costs its node before NATS.
func BenchmarkReply(b *testing.B) {
	for _, v := range []Version{V1, V2} {
		b.Run(fmt.Sprintf("v%d", v), func(b *testing.B) {
			d := v.dialect()
			t := must(newTemplate(d, requestFor(b, d), "nats://127.0.0.1:4222", 500, time.Now()))
			w, out := newWorkspace(), []byte(nil)
			b.ReportAllocs()
			for b.Loop() {
				out = t.append(out[:0], "node00001.london.example.net", w)
			}
			b.SetBytes(int64(len(out)))
		})
	}
}

// BenchmarkFind is what telling the sender of one reply costs the client.
func BenchmarkFind(b *testing.B) {
	d := V1.dialect()
	t := must(newTemplate(d, requestFor(b, d), "nats://127.0.0.1:4222", 500, time.Now()))
	r := must(NewRoster(Names("london", 1000)))
	s := NewSenders(ClientOptions{Version: V1, Roster: r, CheckEvery: 64})
	raw := t.append(nil, r.Name(500), newWorkspace())
	b.ReportAllocs()
	for b.Loop() {
		if i, ok := s.Find(raw); !ok || i != 500 {
			b.Fatal(i, ok)
		}
	}
}

// BenchmarkAsk asks 2,000 nodes through the toy relay, which is the slowest of the three.
func BenchmarkAsk(b *testing.B) {
	w := build(b, setup{clusters: []string{"london"}, each: 2000})
	t := w.roster.Broadcast(nil)
	for b.Loop() {
		if r, err := w.client.Ask(context.Background(), t); err != nil || !r.Complete() {
			b.Fatalf("%+v %v", r, err)
		}
	}
	b.ReportMetric(float64(b.N*2000)/b.Elapsed().Seconds(), "replies/s")
}

// BenchmarkNodes is 2,000 nodes answering broadcasts into the void of an embedded server: the most
// that they can do.
func BenchmarkNodes(b *testing.B) {
	url := toy.Server(b)
	r := must(NewRoster(Names("london", 2000)))
	n := must(StartNodes(NodesOptions{URL: url, Roster: r, ReplyBytes: 500, Ledger: NewLedger(r)}))
	defer n.Close()
	nc := toy.Connect(b, url)
	for asked := int64(0); b.Loop(); {
		if err := nc.Publish("mcollective.broadcast.agent.rpcutil", requestFor(b, V1.dialect())); err != nil {
			b.Fatal(err)
		}
		asked += 2000
		for n.Stats().Answered < asked {
			_ = nc.Flush() // a round trip is pause enough
		}
	}
	b.ReportMetric(float64(n.Stats().Answered)/b.Elapsed().Seconds(), "replies/s")
}
