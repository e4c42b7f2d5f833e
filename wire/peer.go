package wire

import (
	"bytes"
	"encoding/json"
)

// The transports as the incumbent declares them: what encoding/json makes of them is what it would see.
type transportV1 struct {
	Protocol string `json:"protocol"`
	Data     []byte `json:"data"`
	Headers  *struct {
		ReplyTo    string     `json:"reply-to,omitempty"`
		Sender     string     `json:"mc_sender,omitempty"`
		SeenBy     [][]string `json:"seen-by,omitempty"`
		Federation *struct {
			RequestID string   `json:"req,omitempty"`
			ReplyTo   string   `json:"reply-to,omitempty"`
			Targets   []string `json:"target,omitempty"`
		} `json:"federation,omitempty"`
	} `json:"headers,omitempty"`
}

type transportV2 struct {
	Protocol string `json:"protocol"`
	Data     []byte `json:"data"`
	Headers  *struct {
		ReplyTo    string     `json:"reply,omitempty"`
		Sender     string     `json:"sender,omitempty"`
		SeenBy     [][]string `json:"trace,omitempty"`
		Federation *struct {
			RequestID string   `json:"request,omitempty"`
			ReplyTo   string   `json:"reply,omitempty"`
			Targets   []string `json:"targets,omitempty"`
		} `json:"federation,omitempty"`
	} `json:"headers,omitempty"`
}

// Normalize rewrites a message the way the incumbent reads it, with encoding/json: keys in any letter case, the last of
// two, invalid UTF-8 replaced. It returns a new message for ScanNormalized, or why even the incumbent would drop b. It is
// slow and allocates: for the compatibility mode only, and there only for what Scan refuses.
func Normalize(b []byte) ([]byte, Reason) {
	var head struct {
		Protocol string `json:"protocol"`
	}
	if json.Unmarshal(b, &head) != nil {
		return nil, Malformed
	}
	switch versionOf([]byte(head.Protocol)) {
	case V1:
		return normalizeV1(b)
	case V2:
		return normalizeV2(b)
	}
	return nil, BadVersion
}

func normalizeV1(b []byte) ([]byte, Reason) {
	var t transportV1
	if json.Unmarshal(b, &t) != nil {
		return nil, BadType
	}
	if t.Headers != nil {
		padHops(t.Headers.SeenBy)
	}
	return marshal(t)
}

func normalizeV2(b []byte) ([]byte, Reason) {
	var t transportV2
	if json.Unmarshal(b, &t) != nil {
		return nil, BadType
	}
	if t.Headers != nil {
		padHops(t.Headers.SeenBy)
	}
	return marshal(t)
}

// padHops gives every entry three strings, as the incumbent does, except those of Ruby clients, which have two.
func padHops(hops [][]string) {
	for i, h := range hops {
		if len(h) != 2 {
			hops[i] = append(h, "", "", "")[:3]
		}
	}
}

func marshal(t any) ([]byte, Reason) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(t); err != nil {
		return nil, Malformed
	}
	return out.Bytes(), OK
}
