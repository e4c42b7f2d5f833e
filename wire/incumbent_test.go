package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// The incumbent's own structures, written down a second time: hops are arrays of three, the payload
// is bytes.
type (
	incumbentV1 struct {
		Protocol string              `json:"protocol"`
		Data     []byte              `json:"data"`
		Headers  *incumbentHeadersV1 `json:"headers"`
	}
	incumbentHeadersV1 struct {
		ReplyTo    string      `json:"reply-to"`
		Sender     string      `json:"mc_sender"`
		SeenBy     [][3]string `json:"seen-by"`
		Federation *struct {
			RequestID string   `json:"req"`
			ReplyTo   string   `json:"reply-to"`
			Targets   []string `json:"target"`
		} `json:"federation"`
	}
	incumbentV2 struct {
		Protocol string              `json:"protocol"`
		Data     []byte              `json:"data"`
		Headers  *incumbentHeadersV2 `json:"headers"`
	}
	incumbentHeadersV2 struct {
		ReplyTo    string      `json:"reply"`
		Sender     string      `json:"sender"`
		SeenBy     [][3]string `json:"trace"`
		Federation *struct {
			RequestID string   `json:"request"`
			ReplyTo   string   `json:"reply"`
			Targets   []string `json:"targets"`
		} `json:"federation"`
	}
)

// readAsIncumbent reads a message the way the incumbent does. Headers that are null, which end its
// process, are read as no headers.
func readAsIncumbent(b []byte) (reading, error) {
	var head struct {
		Protocol string `json:"protocol"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return reading{}, err
	}
	switch head.Protocol {
	case "choria:transport:1":
		var m incumbentV1
		err := json.Unmarshal(b, &m)
		r := reading{Version: V1, Data: encoded(m.Data)}
		if h := m.Headers; h != nil {
			r.Reply, r.Sender, r.Trace = h.ReplyTo, h.Sender, lists(h.SeenBy)
			if f := h.Federation; f != nil {
				r.Federated, r.FedRequest, r.FedRepl, r.Targets = true, f.RequestID, f.ReplyTo, f.Targets
			}
		}
		return r, err
	case "io.choria.protocol.v2.transport":
		var m incumbentV2
		err := json.Unmarshal(b, &m)
		r := reading{Version: V2, Data: encoded(m.Data)}
		if h := m.Headers; h != nil {
			r.Reply, r.Sender, r.Trace = h.ReplyTo, h.Sender, lists(h.SeenBy)
			if f := h.Federation; f != nil {
				r.Federated, r.FedRequest, r.FedRepl, r.Targets = true, f.RequestID, f.ReplyTo, f.Targets
			}
		}
		return r, err
	}
	return reading{}, fmt.Errorf("protocol %q", head.Protocol)
}

func encoded(data []byte) *string {
	if data == nil {
		return nil
	}
	s := base64.StdEncoding.EncodeToString(data)
	return &s
}

// lists turns hops into what a reading holds. The incumbent does not write an empty trace.
func lists(hops [][3]string) (trace [][]string) {
	for _, h := range hops {
		trace = append(trace, h[:])
	}
	return trace
}
