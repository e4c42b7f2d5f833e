package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
)

// A reading is what a program sees in a message. If two programs see different things, somebody can
// deceive one of them.
type reading struct {
	Version             Version
	Data                *string
	Reply, Sender       string
	Trace               [][]string // nil if there is none; entries as they are written on
	Federated           bool
	FedRequest, FedRepl string
	Targets             []string
}

type (
	oracleV1 struct {
		Protocol string  `json:"protocol"`
		Data     *string `json:"data"`
		Headers  *struct {
			Reply      string    `json:"reply-to"`
			Sender     string    `json:"mc_sender"`
			Trace      []hopSeen `json:"seen-by"`
			Federation *struct {
				Request string   `json:"req"`
				Reply   string   `json:"reply-to"`
				Targets []string `json:"target"`
			} `json:"federation"`
		} `json:"headers"`
	}
	oracleV2 struct {
		Protocol string  `json:"protocol"`
		Data     *string `json:"data"`
		Headers  *struct {
			Reply      string    `json:"reply"`
			Sender     string    `json:"sender"`
			Trace      []hopSeen `json:"trace"`
			Federation *struct {
				Request string   `json:"request"`
				Reply   string   `json:"reply"`
				Targets []string `json:"targets"`
			} `json:"federation"`
		} `json:"headers"`
	}
)

// A hopSeen is an entry of a trace in the shape in which it is written on: two strings, or the
// incumbent's three.
type hopSeen []string

func (h *hopSeen) UnmarshalJSON(b []byte) error {
	var all []json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	*h = nil
	odd := len(all) < 2
	for _, raw := range all[:min(len(all), 3)] {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		odd = odd || string(raw) == "null"
		*h = append(*h, s)
	}
	for odd && len(*h) < 3 {
		*h = append(*h, "")
	}
	return nil
}

// hopsSeen turns hops into what a reading holds.
func hopsSeen(hops []hopSeen) (trace [][]string) {
	if hops == nil {
		return nil
	}
	trace = [][]string{}
	for _, h := range hops {
		trace = append(trace, h)
	}
	return trace
}

// readAsJSON reads a message the way encoding/json does.
func readAsJSON(b []byte) (reading, error) {
	var head struct {
		Protocol string `json:"protocol"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return reading{}, err
	}
	switch head.Protocol {
	case "choria:transport:1":
		var m oracleV1
		err := json.Unmarshal(b, &m)
		r := reading{Version: V1, Data: m.Data}
		if h := m.Headers; h != nil {
			r.Reply, r.Sender, r.Trace = h.Reply, h.Sender, hopsSeen(h.Trace)
			if f := h.Federation; f != nil {
				r.Federated, r.FedRequest, r.FedRepl, r.Targets = true, f.Request, f.Reply, f.Targets
			}
		}
		return r, err
	case "io.choria.protocol.v2.transport":
		var m oracleV2
		err := json.Unmarshal(b, &m)
		r := reading{Version: V2, Data: m.Data}
		if h := m.Headers; h != nil {
			r.Reply, r.Sender, r.Trace = h.Reply, h.Sender, hopsSeen(h.Trace)
			if f := h.Federation; f != nil {
				r.Federated, r.FedRequest, r.FedRepl, r.Targets = true, f.Request, f.Reply, f.Targets
			}
		}
		return r, err
	}
	return reading{}, fmt.Errorf("protocol %q", head.Protocol)
}

// readAsScanned says what the spans of a scanned message hold.
func readAsScanned(tb testing.TB, b []byte, env *Envelope, targets []Span) reading {
	tb.Helper()
	text := func(s Span) (v string) {
		if err := json.Unmarshal([]byte(`"`+string(s.Of(b))+`"`), &v); err != nil {
			tb.Fatalf("span %v holds no string: %v", s, err)
		}
		return v
	}
	r := reading{
		Version: env.Version, Federated: env.Federated,
		Reply: text(env.Reply), Sender: text(env.Sender),
		FedRequest: text(env.FedRequest), FedRepl: text(env.FedReply),
	}
	if err := json.Unmarshal(env.Data.Of(b), &r.Data); err != nil {
		tb.Fatalf("data: %v", err)
	}
	if env.HasTrace {
		var trace []hopSeen
		if err := json.Unmarshal(env.Trace.Of(b), &trace); err != nil {
			tb.Fatalf("trace: %v", err)
		}
		r.Trace = hopsSeen(trace)
	}
	for _, s := range targets {
		r.Targets = append(r.Targets, text(s))
	}
	if env.Hops != len(r.Trace) || env.FedTargets != len(r.Targets) {
		tb.Fatalf("counts %d hops of %d, %d targets of %d", env.Hops, len(r.Trace), env.FedTargets, len(r.Targets))
	}
	return r
}

// mustEqual compares two readings. An empty list of targets is as good as none.
func mustEqual(tb testing.TB, b []byte, got, want reading) {
	tb.Helper()
	if len(want.Targets) == 0 {
		want.Targets = nil
	}
	if !reflect.DeepEqual(got, want) {
		tb.Fatalf("read differently\n got %s\nwant %s\n  in %q", show(got), show(want), b)
	}
}

func show(r reading) string {
	s, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(s)
}
