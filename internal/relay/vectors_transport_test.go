package relay_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/wire"
)

// A transportCase is one line of the second recording.
type transportCase struct {
	Name    string `json:"name"`
	Input   string `json:"input"`
	Side    side   `json:"input_side"`
	Subject string `json:"input_subject"`
	Output  []struct {
		Side    side   `json:"side"`
		Subject string `json:"subject"`
		Payload string `json:"payload"`
	} `json:"peer_output"`
}

func (c *transportCase) vector() vector {
	v := vector{name: c.Name, input: recorded{Side: c.Side, Subject: c.Subject, Data: c.Input}}
	for _, o := range c.Output {
		v.outputs = append(v.outputs, recorded{Side: o.Side, Subject: o.Subject, Data: o.Payload})
	}
	return v
}

// eitherTransport are the cases in which neither mode does as the incumbent.
var eitherTransport = map[string]verdict{
	"evil target fed": {none: true, skip: []wire.Reason{wire.Loop, wire.NotAllowed, wire.Wildcard, wire.Wildcard}, why: bridged},
	"loop target":     {none: true, skip: []wire.Reason{wire.Loop}, why: reflection},
	"evil reply-to":   {none: true, reason: wire.Loop, why: bridged},
	"reply evil":      {none: true, reason: wire.ReplyNotAllowed, why: bridged},
}

// strictTransport are the cases that only strict mode rejects, or for a reason of its own.
var strictTransport = map[string]verdict{
	"evil targets syntax": {
		none: true, skip: []wire.Reason{wire.EmptyToken, wire.BadSubject, wire.EmptyToken, wire.NotAllowed}, why: "ok.after is no node",
	},
	"dup targets":                     {to: []string{"mcollective.node.d"}, skip: []wire.Reason{wire.DuplicateTarget}, why: "a node gets a request once"},
	"data null":                       {none: true, reason: wire.BadData, why: "a message without a payload is none"},
	"v2 with v1 keys":                 {none: true, reason: wire.BadVersion},
	"no federation hdr":               {none: true, reason: wire.NotFederated},
	"targets (schema spelling)":       {none: true, reason: wire.BadVersion},
	"no reply-to":                     {none: true, reason: wire.NoReply},
	"not json":                        {none: true, reason: wire.Malformed},
	"json null":                       {none: true, reason: wire.BadType},
	"json array":                      {none: true, reason: wire.BadType},
	"unknown proto":                   {none: true, reason: wire.BadVersion},
	"bad b64":                         {none: true, skip: []wire.Reason{wire.NotAllowed}, why: "its only target is x, which is no node"},
	"reply no fed":                    {none: true, reason: wire.NotFederated},
	"reply no reply-to":               {none: true, reason: wire.NoReply},
	"request sent on collective subj": {none: true, reason: wire.NoReply},
	"reply sent on federation subj":   {none: true, reason: wire.NoTargets},
	"headers null":                    {none: true, reason: wire.BadType, why: kills},
}

var peerTransport = map[string]verdict{
	"bad b64":      {to: []string{"x"}, why: "the payload is opaque: receivers check it"},
	"headers null": {none: true, reason: wire.NotFederated, why: kills},
}

func TestVectorsTransportCases(t *testing.T) {
	var file struct {
		Cases []transportCase `json:"cases"`
	}
	if err := json.NewDecoder(vectorFile(t, "peer-transport-cases.json")).Decode(&file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != 31 {
		t.Fatalf("%d cases, want 31", len(file.Cases))
	}
	for mode, own := range map[string]map[string]verdict{"strict": strictTransport, "peer": peerTransport} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, embedded.Options{}, asRecorded("london", "fedbroker1.example.net", mode))
			left := maps.Clone(own)
			maps.Copy(left, eitherTransport)
			for _, c := range file.Cases {
				t.Run(c.Name, func(t *testing.T) { b.judge(t, c.vector(), take(left, c.Name)) })
			}
			for name := range left {
				t.Errorf("there is no case %q", name)
			}
			if err := b.relay.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
}
