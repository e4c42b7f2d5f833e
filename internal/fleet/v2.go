package fleet

import (
	"encoding/json"
	"fmt"
)

const v2Protocol = "io.choria.protocol.v2.transport"

type v2 struct{}

type v2Transport struct {
	Protocol string    `json:"protocol"`
	Data     []byte    `json:"data"`
	Headers  v2Headers `json:"headers"`
}

type v2Headers struct {
	Reply      string        `json:"reply,omitempty"`
	Sender     string        `json:"sender,omitempty"`
	Trace      [][]string    `json:"trace,omitempty"`
	Federation *v2Federation `json:"federation,omitempty"`
}

type v2Federation struct {
	Request string   `json:"request,omitempty"`
	Reply   string   `json:"reply,omitempty"`
	Targets []string `json:"targets,omitempty"`
}

func (v2) newID() string     { return ksuid() }
func (v2) senderKey() string { return `"sender":"` }

func (v2) marshal(data []byte, h Headers) []byte {
	t := v2Transport{Protocol: v2Protocol, Data: data, Headers: v2Headers{Reply: h.ReplyTo, Sender: h.Sender, Trace: h.Trace}}
	if h.Federation != nil {
		t.Headers.Federation = &v2Federation{Request: h.Federation.Request, Reply: h.Federation.ReplyTo, Targets: h.Federation.Targets}
	}
	return mustJSON(t)
}

func (v2) unmarshal(raw []byte) ([]byte, Headers, error) {
	var t v2Transport
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, Headers{}, err
	}
	if t.Protocol != v2Protocol {
		return nil, Headers{}, fmt.Errorf("fleet: protocol %q, want %q", t.Protocol, v2Protocol)
	}
	h := Headers{ReplyTo: t.Headers.Reply, Sender: t.Headers.Sender, Trace: t.Headers.Trace}
	if f := t.Headers.Federation; f != nil {
		h.Federation = &Federation{Request: f.Request, ReplyTo: f.Reply, Targets: f.Targets}
	}
	return t.Data, h, nil
}
