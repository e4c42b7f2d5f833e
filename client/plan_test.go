package client

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/fedrelay/fedrelay/wire"
)

// A name that is asked arrives at relays as it was given, and every other one is reported.
func FuzzNames(f *testing.F) {
	f.Add("web1", "web2.example.net")
	f.Add("a..b", "\"\\")
	f.Add("<", "web\r\nPUB a 1")
	secure := []byte(`{"protocol":"choria:secure:request:1"}`)
	c := &Client{opts: Options{Identity: "bastion1"}, hash: "74ce5a833e16d4afa24ecbc90fff8506"}
	f.Fuzz(func(t *testing.T, a, b string) {
		p, err := c.plan(&Request{ID: "7c1f", Secure: secure, Nodes: []string{a, b}})
		if err != nil {
			return
		}
		m := wire.AppendMessage(nil, &p.parts)
		var o struct {
			Data    []byte
			Headers struct{ Federation struct{ Target []string } }
		}
		if err := json.Unmarshal(m, &o); err != nil || !bytes.Equal(o.Data, secure) {
			t.Fatalf("%q: %v", m, err)
		}
		targets := o.Headers.Federation.Target
		if len(targets) != len(p.nodes) || len(targets)+len(p.skipped) != 2 {
			t.Fatalf("%q and %q: targets %q, skipped %v", a, b, targets, p.skipped)
		}
		for i, target := range targets {
			if target != "mcollective.node."+p.nodes[i] {
				t.Fatalf("%q for %q", target, p.nodes[i])
			}
		}
	})
}
