package fleet

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

type v1SecureRequest struct {
	Protocol  string `json:"protocol"`
	Message   string `json:"message"`
	Signature string `json:"signature"`
	Pubcert   string `json:"pubcert"`
}

type v1Request struct {
	Protocol string            `json:"protocol"`
	Message  string            `json:"message"`
	Envelope v1RequestEnvelope `json:"envelope"`
}

type v1RequestEnvelope struct {
	ID         string `json:"requestid"`
	Sender     string `json:"senderid"`
	Caller     string `json:"callerid"`
	Collective string `json:"collective"`
	Agent      string `json:"agent"`
	TTL        int    `json:"ttl"`
	Time       int64  `json:"time"` // seconds
	Filter     filter `json:"filter"`
}

type v1SecureReply struct {
	Protocol string `json:"protocol"`
	Message  string `json:"message"`
	Hash     string `json:"hash"`
}

type v1Reply struct {
	Protocol string          `json:"protocol"`
	Message  string          `json:"message"`
	Envelope v1ReplyEnvelope `json:"envelope"`
}

type v1ReplyEnvelope struct {
	ID     string `json:"requestid"`
	Sender string `json:"senderid"`
	Agent  string `json:"agent"`
	Time   int64  `json:"time"` // seconds
}

func (v1) seal(q question) []byte {
	doc := mustJSON(v1Request{
		Protocol: "choria:request:1",
		Message:  q.body,
		Envelope: v1RequestEnvelope{
			ID: q.id, Sender: q.sender, Caller: q.caller, Collective: q.collective, Agent: q.agent,
			TTL: ttl, Time: q.asked.Unix(), Filter: q.filter(),
		},
	})
	return mustJSON(v1SecureRequest{
		Protocol: "choria:secure:request:1", Message: string(doc), Signature: "insecure", Pubcert: "insecure",
	})
}

func (v1) unseal(data []byte) (question, error) {
	var secure v1SecureRequest
	if err := json.Unmarshal(data, &secure); err != nil {
		return question{}, err
	}
	var r v1Request
	if err := json.Unmarshal([]byte(secure.Message), &r); err != nil {
		return question{}, err
	}
	e := r.Envelope
	return question{
		id: e.ID, sender: e.Sender, caller: e.Caller, collective: e.Collective, agent: e.Agent,
		body: r.Message, asked: time.Unix(e.Time, 0),
	}, nil
}

func (v1) reply(q question, body string, at time.Time) (secureTemplate, error) {
	doc := mustJSON(v1Reply{
		Protocol: "choria:reply:1",
		Message:  body,
		Envelope: v1ReplyEnvelope{ID: q.id, Sender: nodeMark, Agent: q.agent, Time: at.Unix()},
	})
	secure := mustJSON(v1SecureReply{Protocol: "choria:secure:reply:1", Message: string(doc), Hash: hashMark})
	return newPlainSecure(doc, secure)
}

func (v1) check(data []byte) (answer, error) {
	var secure v1SecureReply
	if err := json.Unmarshal(data, &secure); err != nil {
		return answer{}, err
	}
	if sum := sha256.Sum256([]byte(secure.Message)); secure.Hash != b64.EncodeToString(sum[:]) {
		return answer{}, errHash
	}
	var r v1Reply
	if err := json.Unmarshal([]byte(secure.Message), &r); err != nil {
		return answer{}, err
	}
	if r.Protocol != "choria:reply:1" {
		return answer{}, fmt.Errorf("fleet: inner protocol %q", r.Protocol)
	}
	return answer{id: r.Envelope.ID, sender: r.Envelope.Sender}, nil
}
