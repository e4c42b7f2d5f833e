package fleet

import (
	"encoding/json"
	"fmt"
)

const v1Protocol = "choria:transport:1"

type v1 struct{}

type v1Transport struct {
	Protocol string    `json:"protocol"`
	Data     []byte    `json:"data"`
	Headers  v1Headers `json:"headers"`
}

type v1Headers struct {
	ReplyTo    string        `json:"reply-to,omitempty"`
	Sender     string        `json:"mc_sender,omitempty"`
	SeenBy     [][]string    `json:"seen-by,omitempty"`
	Federation *v1Federation `json:"federation,omitempty"`
}

type v1Federation struct {
	Request string   `json:"req,omitempty"`
	ReplyTo string   `json:"reply-to,omitempty"`
	Target  []string `json:"target,omitempty"`
}

func (v1) newID() string     { return hexID() }
func (v1) senderKey() string { return `"mc_sender":"` }

func (v1) marshal(data []byte, h Headers) []byte {
	t := v1Transport{Protocol: v1Protocol, Data: data, Headers: v1Headers{ReplyTo: h.ReplyTo, Sender: h.Sender, SeenBy: h.Trace}}
	if h.Federation != nil {
		t.Headers.Federation = &v1Federation{Request: h.Federation.Request, ReplyTo: h.Federation.ReplyTo, Target: h.Federation.Targets}
	}
	return mustJSON(t)
}

func (v1) unmarshal(raw []byte) ([]byte, Headers, error) {
	var t v1Transport
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, Headers{}, err
	}
	if t.Protocol != v1Protocol {
		return nil, Headers{}, fmt.Errorf("fleet: protocol %q, want %q", t.Protocol, v1Protocol)
	}
	h := Headers{ReplyTo: t.Headers.ReplyTo, Sender: t.Headers.Sender, Trace: t.Headers.SeenBy}
	if f := t.Headers.Federation; f != nil {
		h.Federation = &Federation{Request: f.Request, ReplyTo: f.ReplyTo, Targets: f.Target}
	}
	return t.Data, h, nil
}
