package fleet

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// v2SecureRequest carries the word "insecure" where a signature and a token would be.
type v2SecureRequest struct {
	Protocol  string `json:"protocol"`
	Request   []byte `json:"request"`
	Signature []byte `json:"signature"`
	Caller    string `json:"caller"`
}

type v2Request struct {
	Protocol   string `json:"protocol"`
	Message    []byte `json:"message"`
	ID         string `json:"id"`
	Sender     string `json:"sender"`
	Caller     string `json:"caller"`
	Collective string `json:"collective"`
	Agent      string `json:"agent"`
	TTL        int    `json:"ttl"`
	Time       int64  `json:"time"` // nanoseconds
	Filter     filter `json:"filter"`
}

// v2SecureReply is that of a node set not to sign its replies.
type v2SecureReply struct {
	Protocol string `json:"protocol"`
	Reply    string `json:"reply"` // base64
	Hash     string `json:"hash"`
}

type v2Reply struct {
	Protocol string `json:"protocol"`
	Message  []byte `json:"message"`
	Request  string `json:"request"`
	Sender   string `json:"sender"`
	Agent    string `json:"agent"`
	Time     int64  `json:"time"` // nanoseconds
}

func (v2) seal(q question) []byte {
	doc := mustJSON(v2Request{
		Protocol: "io.choria.protocol.v2.request", Message: []byte(q.body),
		ID: q.id, Sender: q.sender, Caller: q.caller, Collective: q.collective, Agent: q.agent,
		TTL: ttl, Time: q.asked.UnixNano(), Filter: q.filter(),
	})
	return mustJSON(v2SecureRequest{
		Protocol: "io.choria.protocol.v2.secure_request", Request: doc, Signature: []byte("insecure"), Caller: "insecure",
	})
}

func (v2) unseal(data []byte) (question, error) {
	var secure v2SecureRequest
	if err := json.Unmarshal(data, &secure); err != nil {
		return question{}, err
	}
	var r v2Request
	if err := json.Unmarshal(secure.Request, &r); err != nil {
		return question{}, err
	}
	return question{
		id: r.ID, sender: r.Sender, caller: r.Caller, collective: r.Collective, agent: r.Agent,
		body: string(r.Message), asked: time.Unix(0, r.Time),
	}, nil
}

func (v2) reply(q question, body string, at time.Time) (secureTemplate, error) {
	doc := mustJSON(v2Reply{
		Protocol: "io.choria.protocol.v2.reply", Message: []byte(body),
		Request: q.id, Sender: nodeMark, Agent: q.agent, Time: at.UnixNano(),
	})
	secure := mustJSON(v2SecureReply{
		Protocol: "io.choria.protocol.v2.secure_reply", Reply: nodeMark, Hash: hashMark,
	})
	return newEncodedSecure(doc, secure)
}

func (v2) check(data []byte) (answer, error) {
	var secure v2SecureReply
	if err := json.Unmarshal(data, &secure); err != nil {
		return answer{}, err
	}
	doc, err := b64.AppendDecode(nil, []byte(secure.Reply))
	if err != nil {
		return answer{}, err
	}
	if sum := sha256.Sum256(doc); secure.Hash != b64.EncodeToString(sum[:]) {
		return answer{}, errHash
	}
	var r v2Reply
	if err := json.Unmarshal(doc, &r); err != nil {
		return answer{}, err
	}
	if r.Protocol != "io.choria.protocol.v2.reply" {
		return answer{}, fmt.Errorf("fleet: inner protocol %q", r.Protocol)
	}
	return answer{id: r.Request, sender: r.Sender}, nil
}
