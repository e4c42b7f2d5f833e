package fleet

import (
	"encoding/json"
	"math/rand/v2"
	"sync"
)

// ttl is how long a request is valid, in seconds: the default of the real client.
const ttl = 60

// discovery is the agent that answers bare text instead of an RPC document.
const discovery = "discovery"

// filter has nothing but the agent. The real client, too, names the nodes of a directed request
// only beside the data.
type filter struct {
	Fact     []string `json:"fact"`
	Class    []string `json:"cf_class"`
	Agent    []string `json:"agent"`
	Identity []string `json:"identity"`
	Compound []string `json:"compound"`
}

func (q question) filter() filter {
	none := []string{}
	f := filter{Fact: none, Class: none, Agent: none, Identity: none, Compound: none}
	if q.agent != discovery {
		f.Agent = []string{q.agent}
	}
	return f
}

type rpcRequest struct {
	Agent  string         `json:"agent"`
	Action string         `json:"action"`
	Data   map[string]any `json:"data"`
}

type rpcReply struct {
	Action string         `json:"action"`
	Code   int            `json:"statuscode"`
	Status string         `json:"statusmsg"`
	Data   map[string]any `json:"data"`
}

// requestBody is what an agent is asked. Discovery gets the base64 of the word ping, as from the Go
// client.
func requestBody(agent, action string, padding int) string {
	if agent == discovery {
		return "cGluZw=="
	}
	return string(mustJSON(rpcRequest{Agent: agent, Action: action, Data: filled("input", padding)}))
}

// replyBody is what a node answers: a text of padding bytes, or pong to a discovery.
func replyBody(q question, padding int) string {
	if q.agent == discovery {
		return "pong"
	}
	var r rpcRequest
	_ = json.Unmarshal([]byte(q.body), &r) // else it is answered all the same
	return string(mustJSON(rpcReply{Action: r.Action, Status: "OK", Data: filled("output", padding)}))
}

func filled(key string, n int) map[string]any {
	if n <= 0 {
		return map[string]any{}
	}
	return map[string]any{key: text(n)}
}

// texts keeps the texts that were made, because all requests are answered with the same.
var texts sync.Map // of int to string

func text(n int) string {
	if t, ok := texts.Load(n); ok {
		return t.(string)
	}
	t, _ := texts.LoadOrStore(n, newText(n))
	return t.(string)
}

// newText returns n characters that compress as badly as random ones. They are the same in every
// run.
func newText(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz012345"
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.Uint32()%uint32(len(alphabet))]
	}
	return string(b)
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("fleet: BUG: " + err.Error())
	}
	return b
}
