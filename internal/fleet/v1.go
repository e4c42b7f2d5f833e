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

func (v1) marshal(data []byte, h headers) ([]byte, error) {
	t := v1Transport{Protocol: v1Protocol, Data: data, Headers: v1Headers{ReplyTo: h.reply, Sender: h.sender, SeenBy: h.trace}}
	if h.fed != nil {
		t.Headers.Federation = &v1Federation{Request: h.fed.request, ReplyTo: h.fed.reply, Target: h.fed.targets}
	}
	return json.Marshal(t)
}

func (v1) unmarshal(raw []byte) ([]byte, headers, error) {
	var t v1Transport
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, headers{}, err
	}
	if t.Protocol != v1Protocol {
		return nil, headers{}, fmt.Errorf("fleet: protocol %q, want %q", t.Protocol, v1Protocol)
	}
	h := headers{reply: t.Headers.ReplyTo, sender: t.Headers.Sender, trace: t.Headers.SeenBy}
	if f := t.Headers.Federation; f != nil {
		h.fed = &federation{request: f.Request, reply: f.ReplyTo, targets: f.Target}
	}
	return t.Data, h, nil
}
