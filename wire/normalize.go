package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
)

// The transports are declared as in the incumbent, so that encoding/json reads them as there. That
// includes the entries of a trace list: they always have three strings, empty where one is missing,
// and further elements are ignored, whatever they are.
type transportV1 struct {
	Protocol string `json:"protocol"`
	Data     []byte `json:"data"`
	Headers  *struct {
		ReplyTo    string      `json:"reply-to,omitempty"`
		Sender     string      `json:"mc_sender,omitempty"`
		SeenBy     [][3]string `json:"seen-by,omitempty"`
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
		ReplyTo    string      `json:"reply,omitempty"`
		Sender     string      `json:"sender,omitempty"`
		SeenBy     [][3]string `json:"trace,omitempty"`
		Federation *struct {
			RequestID string   `json:"request,omitempty"`
			ReplyTo   string   `json:"reply,omitempty"`
			Targets   []string `json:"targets,omitempty"`
		} `json:"federation,omitempty"`
	} `json:"headers,omitempty"`
}

// Normalize rewrites a message as the incumbent reads it, with encoding/json: keys in any letter
// case, the last of two equal keys, invalid UTF-8 replaced. It returns a new message for
// ScanNormalized, or the reason why even the incumbent would not carry b. It is slow and allocates.
// So it is for the compatibility mode only, and there only for messages that Scan rejects.
func Normalize(b []byte) ([]byte, Reason) {
	var head struct {
		Protocol string `json:"protocol"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, reasonOf(err)
	}
	switch versionOf([]byte(head.Protocol)) {
	case V1:
		return normalize(b, new(transportV1))
	case V2:
		return normalize(b, new(transportV2))
	}
	return nil, BadVersion
}

func normalize(b []byte, transport any) ([]byte, Reason) {
	if err := json.Unmarshal(b, transport); err != nil {
		return nil, reasonOf(err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // an escaped > would look like a bad subject
	if err := enc.Encode(transport); err != nil {
		panic("wire: BUG: a transport that is no JSON: " + err.Error())
	}
	return out.Bytes(), OK
}

func reasonOf(err error) Reason {
	var syntax *json.SyntaxError
	var data base64.CorruptInputError
	switch {
	case errors.As(err, &syntax):
		return Malformed
	case errors.As(err, &data):
		return BadData
	}
	return BadType
}
