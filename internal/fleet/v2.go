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

func (v2) marshal(data []byte, h headers) ([]byte, error) {
	t := v2Transport{Protocol: v2Protocol, Data: data, Headers: v2Headers{Reply: h.reply, Sender: h.sender, Trace: h.trace}}
	if h.fed != nil {
		t.Headers.Federation = &v2Federation{Request: h.fed.request, Reply: h.fed.reply, Targets: h.fed.targets}
	}
	return json.Marshal(t)
}

func (v2) unmarshal(raw []byte) ([]byte, headers, error) {
	var t v2Transport
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, headers{}, err
	}
	if t.Protocol != v2Protocol {
		return nil, headers{}, fmt.Errorf("fleet: protocol %q, want %q", t.Protocol, v2Protocol)
	}
	h := headers{reply: t.Headers.Reply, sender: t.Headers.Sender, trace: t.Headers.Trace}
	if f := t.Headers.Federation; f != nil {
		h.fed = &federation{request: f.Request, reply: f.Reply, targets: f.Targets}
	}
	return t.Data, h, nil
}
