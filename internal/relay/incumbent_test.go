package relay

import (
	"encoding/json"
	"strings"
)

// The incumbent as it was recorded, written down as a model: what encoding/json reads into its
// structures, and what it then publishes. Nothing here is of a relay's own code.

type (
	incumbentV1 struct {
		Protocol string         `json:"protocol"`
		Data     []byte         `json:"data"`
		Headers  *incumbentHdr1 `json:"headers"`
	}
	incumbentHdr1 struct {
		Reply      string         `json:"reply-to"`
		Sender     string         `json:"mc_sender"`
		Trace      [][3]string    `json:"seen-by"`
		Federation *incumbentFed1 `json:"federation"`
	}
	incumbentFed1 struct {
		Request string   `json:"req"`
		Reply   string   `json:"reply-to"`
		Targets []string `json:"target"`
	}
	incumbentV2 struct {
		Protocol string         `json:"protocol"`
		Data     []byte         `json:"data"`
		Headers  *incumbentHdr2 `json:"headers"`
	}
	incumbentHdr2 struct {
		Reply      string         `json:"reply"`
		Sender     string         `json:"sender"`
		Trace      [][3]string    `json:"trace"`
		Federation *incumbentFed2 `json:"federation"`
	}
	incumbentFed2 struct {
		Request string   `json:"request"`
		Reply   string   `json:"reply"`
		Targets []string `json:"targets"`
	}
)

// A seenMessage is what the incumbent has of a message of either version.
type seenMessage struct {
	Protocol      string
	Data          string // "null" if there is none
	Reply, Sender string
	Trace         [][3]string
	Federated     bool
	Request       string
	FedReply      string
	Targets       []string

	dies bool // the process does, at what it finds in place of headers
}

// incumbentReads returns what the incumbent sees in a message, and whether it sees one at all.
func incumbentReads(b []byte) (m seenMessage, err error) {
	var head struct {
		Protocol string `json:"protocol"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return m, err
	}
	switch head.Protocol {
	case "choria:transport:1":
		// A missing object is an empty one, null is none.
		v := incumbentV1{Headers: &incumbentHdr1{}}
		if err := json.Unmarshal(b, &v); err != nil {
			return m, err
		}
		return v.seen(), nil
	case "io.choria.protocol.v2.transport":
		v := incumbentV2{Headers: &incumbentHdr2{}}
		if err := json.Unmarshal(b, &v); err != nil {
			return m, err
		}
		return incumbentV1{v.Protocol, v.Data, (*incumbentHdr1)(v.Headers.old())}.seen(), nil
	}
	return m, errNoTransport
}

var errNoTransport = json.Unmarshal([]byte("["), new(any))

// old is h with the names of version 1.
func (h *incumbentHdr2) old() *incumbentHdr1 {
	if h == nil {
		return nil
	}
	return &incumbentHdr1{h.Reply, h.Sender, h.Trace, (*incumbentFed1)(h.Federation)}
}

func (v incumbentV1) seen() seenMessage {
	m := seenMessage{Protocol: v.Protocol, Data: "null", dies: v.Headers == nil}
	if v.Data != nil {
		m.Data = string(v.Data)
	}
	if v.Headers == nil {
		return m
	}
	m.Reply, m.Sender, m.Trace = v.Headers.Reply, v.Headers.Sender, v.Headers.Trace
	if f := v.Headers.Federation; f != nil {
		m.Federated, m.Request, m.FedReply, m.Targets = true, f.Request, f.Reply, f.Targets
	}
	return m
}

// incumbentPublishes returns where the incumbent publishes for a message, and what.
func incumbentPublishes(b []byte, reply bool, answerTo string, hop [3]string) (subjects []string, out seenMessage, err error) {
	m, err := incumbentReads(b)
	if err != nil || m.dies || !m.Federated {
		return nil, m, err
	}
	to := m.Targets
	if reply {
		to = []string{m.FedReply}
	}
	if !reply && (len(m.Targets) == 0 || m.Reply == "") || reply && m.FedReply == "" {
		return nil, m, nil
	}
	out = m
	out.Trace = append(out.Trace[:len(out.Trace):len(out.Trace)], hop)
	out.Targets = nil
	if reply {
		out.Federated, out.Request, out.FedReply = false, "", ""
	} else {
		out.Reply, out.FedReply = answerTo, m.Reply
	}
	for _, subject := range to {
		// Its library takes no other subjects.
		if subject != "" && !strings.ContainsAny(subject, " \t\r\n") {
			subjects = append(subjects, subject)
		}
	}
	return subjects, out, nil
}

// unheard is the exception that makes no difference.
const unheard = "nobody gets what is published there"

// excepted says why peer mode does not publish on a subject though the incumbent does;
// docs/adr/0004 has the same table.
func excepted(subject string, reply bool) string {
	tokens := strings.Split(subject, ".")
	for _, token := range tokens {
		switch token {
		case "*", ">":
			return "a wildcard reaches more than it names"
		case "":
			return unheard
		}
	}
	switch {
	case len(subject) > 255:
		return "it ends the connection, or nearly"
	case strings.HasPrefix(subject, "choria.federation."):
		return "bridges networks"
	case tokens[0][0] == '$', tokens[0] == "_R_", tokens[0] == "_GR_":
		return "belongs to NATS"
	case reply && len(tokens) > 2 && (tokens[1] == "node" || tokens[1] == "broadcast"):
		return "a node would command nodes"
	case strings.ContainsFunc(subject, func(r rune) bool { return r < ' ' }):
		return "control bytes have no place on a protocol line"
	}
	return ""
}
