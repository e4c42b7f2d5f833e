package wire

import (
	"encoding/json"
	"unicode/utf8"
)

// AppendString appends s as a JSON string.
func AppendString(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic("wire: BUG: a string that is no JSON: " + err.Error())
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// AppendRequest appends the payload that nodes get for the request b. It leaves out the targets,
// and moves the reply subject to the federation object. Nodes answer to collective, the subject of
// the brokers on their side, which must be a subject that CheckSubject allows. hop is an entry for
// the trace (AppendHop), or empty. env is the result of Scan for b.
func AppendRequest(dst, b []byte, env *Envelope, collective string, hop []byte) []byte {
	return AppendSealedRequest(dst, b, env, collective, env.FedRequest.Of(b), hop)
}

// AppendSealedRequest is AppendRequest with seal in the place of the request id.
func AppendSealedRequest(dst, b []byte, env *Envelope, collective string, seal, hop []byte) []byte {
	headers, federation := headersLevel[env.Version].known, federationLevel[env.Version].known
	dst = appendStart(dst, b, env)
	dst = appendKey(dst, headers[keyReply])
	dst = append(dst, '"')
	dst = append(dst, collective...)
	dst = append(dst, '"')
	dst = appendText(dst, headers[keySender], env.Sender.Of(b))
	dst = appendTrace(dst, headers[keyTrace], b, env, hop)
	dst = appendKey(dst, headers[keyFederation])
	dst = append(dst, '{')
	dst = appendText(dst, federation[keyFedRequest], seal)
	dst = appendText(dst, federation[keyFedReply], env.Reply.Of(b))
	return append(dst, "}}}"...)
}

// AppendReply appends the payload that the client gets for the reply b, which has no federation
// object. If the reply has a reply subject of its own it is kept. hop and env are as for
// AppendRequest.
func AppendReply(dst, b []byte, env *Envelope, hop []byte) []byte {
	headers := headersLevel[env.Version].known
	dst = appendStart(dst, b, env)
	dst = appendText(dst, headers[keyReply], env.Reply.Of(b))
	dst = appendText(dst, headers[keySender], env.Sender.Of(b))
	dst = appendTrace(dst, headers[keyTrace], b, env, hop)
	return append(dst, "}}"...)
}

// Parts are the parts of a message, each spelled as it stands there: Data with its quotes, Trace
// with its brackets, the others without quotes and with escapes. What is empty is left out.
type Parts struct {
	Version                    Version
	Data, Reply, Sender, Trace []byte
	FedRequest, FedReply       []byte
	Text                       []byte // where Targets are
	Targets                    []Span
}

// AppendMessage appends a whole federated message in the canonical order. Data must be there.
func AppendMessage(dst []byte, m *Parts) []byte {
	headers, federation := headersLevel[m.Version].known, federationLevel[m.Version].known
	if m.Version == V1 {
		dst = append(dst, beforeData1...)
	} else {
		dst = append(dst, beforeData2...)
	}
	dst = append(dst, m.Data...)
	dst = append(dst, `,"headers":{`...)
	dst = appendText(dst, headers[keyReply], m.Reply)
	dst = appendText(dst, headers[keySender], m.Sender)
	if len(m.Trace) > 0 {
		dst = appendKey(dst, headers[keyTrace])
		dst = append(dst, m.Trace...)
	}
	dst = appendKey(dst, headers[keyFederation])
	dst = append(dst, '{')
	dst = appendText(dst, federation[keyFedRequest], m.FedRequest)
	dst = appendText(dst, federation[keyFedReply], m.FedReply)
	if len(m.Targets) > 0 {
		dst = appendKey(dst, federation[keyFedTargets])
		for i, target := range m.Targets {
			dst = append(dst, "[,"[min(i, 1)], '"')
			dst = append(dst, target.Of(m.Text)...)
			dst = append(dst, '"')
		}
		dst = append(dst, ']')
	}
	return append(dst, "}}}"...)
}

// What stands in front of the data, in each version.
const (
	beforeData1 = `{"protocol":"` + protocolV1 + `","data":`
	beforeData2 = `{"protocol":"` + protocolV2 + `","data":`
)

// DataAt returns the offset at which the data begins in what AppendRequest and AppendReply append.
// With an empty Envelope.Data they leave the data out, and it belongs there.
func (env *Envelope) DataAt() int {
	if env.Version == V1 {
		return len(beforeData1)
	}
	return len(beforeData2)
}

// appendStart appends everything up to the first header.
func appendStart(dst, b []byte, env *Envelope) []byte {
	if env.Version == V1 {
		dst = append(dst, beforeData1...)
	} else {
		dst = append(dst, beforeData2...)
	}
	dst = append(dst, env.Data.Of(b)...)
	return append(dst, `,"headers":{`...)
}

// appendKey appends a key and its colon. A comma comes before the key, unless it is the first of
// its object.
func appendKey(dst []byte, name string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, name...)
	return append(dst, '"', ':')
}

// appendText appends a key and a string. text is written as it stands in its message. It appends
// nothing if text is empty.
func appendText(dst []byte, name string, text []byte) []byte {
	if len(text) == 0 {
		return dst
	}
	dst = appendKey(dst, name)
	dst = append(dst, '"')
	dst = append(dst, text...)
	return append(dst, '"')
}
