//go:build !pooldebug

// With pooldebug a lock notes who holds it.

package recent

import (
	"fmt"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// full returns a memory that is full, and a list of targets.
func full() (m *Memory, text []byte) {
	m = New(1 << 20)
	targets, text := nodes(0, 200)
	for i := range 2000 {
		ask(m, fmt.Sprint(i), 0, text, 200)
		m.Requests.Denied(targets[0], began)
	}
	answer(m, "r", 0, targets)
	for range 1000 {
		answer(m, "r", 0, targets)
	}
	m.Rejected[0].Note(&pipeline.Finding{})
	return m, text
}

func TestNothingIsAllocatedOnceTheMemoryIsFull(t *testing.T) {
	m, text := full()
	n := 0
	id, sender := []byte("00000000000000000000000000000000"), []byte("n1.example.net")
	finding := pipeline.Finding{Reason: wire.Wildcard, Sender: sender, Request: id}
	marked := []pipeline.Marked{{}}
	use := func() {
		n++
		id[n%len(id)]++
		msg := Message{ID: id, Sender: sender, ReplyTo: id, Received: began, Targets: 200, Copies: 200, Names: text}
		marked[0] = pipeline.Marked{Mark: m.Requests.Note(&msg), Copies: 200}
		m.Requests.Settled(pipeline.Confirmed, marked)
		m.Requests.Denied("mcollective.node.x", began)
		for range 3 {
			m.Replies.Note(id, sender, began)
		}
		m.Replies.Conclude()
		m.Rejected[0].Note(&finding)
	}
	use()
	if n := testing.AllocsPerRun(1000, use); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// The benchmarks are what a message costs beside all else.
func BenchmarkRequest(b *testing.B) {
	for _, targets := range []int{1, 200} {
		b.Run(fmt.Sprintf("targets=%d,others", targets), func(b *testing.B) { benchmarkRequest(b, targets, true) })
		b.Run(fmt.Sprintf("targets=%d,same", targets), func(b *testing.B) { benchmarkRequest(b, targets, false) })
	}
}

func benchmarkRequest(b *testing.B, targets int, others bool) {
	m := New(8 << 20)
	_, text := nodes(0, targets)
	id := []byte("7c1f0a52d9e64b0c8a3fd2b1e6a90c44")
	reply := []byte("mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.7c1f0a52d9e64b0c8a3fd2b1e6a90c44")
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if others {
			id[0], id[1], id[2] = byte(n), byte(n>>8), byte(n>>16)
		}
		msg := Message{ID: id, Sender: reply[:20], ReplyTo: reply, Received: began, Targets: targets, Copies: targets, Names: text}
		m.Requests.Note(&msg)
	}
}

func BenchmarkReply(b *testing.B) {
	for _, c := range []struct{ batch, requests int }{{1, 1}, {64, 1}, {64, 8}} {
		b.Run(fmt.Sprintf("batch=%d,requests=%d", c.batch, c.requests), func(b *testing.B) {
			m := New(8 << 20)
			id, sender := []byte("7c1f0a52d9e64b0c8a3fd2b1e6a90c44"), []byte("n00042.ldn.example.net")
			at := time.Now()
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				id[31] = byte(n % c.requests)
				m.Replies.Note(id, sender, at)
				if n%c.batch == c.batch-1 {
					m.Replies.Conclude()
				}
			}
		})
	}
}

func BenchmarkRejection(b *testing.B) {
	m := New(8 << 20)
	text := []byte("mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.7c1f0a52d9e64b0c8a3fd2b1e6a90c44")
	f := pipeline.Finding{Reason: wire.Wildcard, Sender: text[:20], Request: text[:32], Subject: text, Received: began}
	for b.Loop() {
		m.Rejected[0].Note(&f)
	}
}
