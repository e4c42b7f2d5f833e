package corpus

import (
	"fmt"
	"math/rand/v2"

	"github.com/fedrelay/fedrelay/wire"
)

// Group is how many targets a stock client names in one message.
const Group = 200

// Request returns the messages of one request to the nodes, as a stock client sends them: each
// names up to Group nodes. payload is how many bytes the data decode to. They are text for the
// first two thirds, and random for the rest, as a signature and a certificate are.
func Request(names []string, v wire.Version, payload int, seed uint64) [][]byte {
	r := rand.New(rand.NewPCG(seed, 3))
	id, caller := requestID(r, v), fmt.Sprintf("%032x", r.Uint64())
	data := requestData(r, id, payload)
	var messages [][]byte
	for from := 0; from < len(names); from += Group {
		group := names[from:min(from+Group, len(names))]
		messages = append(messages, request(group, v, data, id, caller))
	}
	return messages
}

func request(names []string, v wire.Version, data, id, caller string) []byte {
	collective := "mcollective"
	if v == wire.V2 {
		collective = "choria"
	}
	p := wire.Parts{
		Version: v, Data: []byte(`"` + data + `"`), Sender: []byte("bastion1.fed.example.net"), FedRequest: []byte(id),
		Reply: []byte(collective + ".reply." + caller + "." + id),
		Trace: []byte(`[["nats://fed1.example.net:4222","bastion1.fed.example.net","nats://fed1.example.net:4222"]]`),
	}
	for _, name := range names {
		from := len(p.Text)
		p.Text = append(p.Text, collective+".node."+name...)
		p.Targets = append(p.Targets, wire.Span{Off: uint32(from), Len: uint32(len(p.Text) - from)})
	}
	return wire.AppendMessage(nil, &p)
}

// requestData is the base64 text of a secure request with payload bytes.
func requestData(r *rand.Rand, id string, payload int) string {
	inner := fmt.Sprintf(`{"protocol":"choria:request:1","message":"{\"agent\":\"package\",\"action\":\"update\",\"data\":{\"package\":\"openssl\"}}",`+
		`"envelope":{"requestid":"%s","senderid":"bastion1.fed.example.net","callerid":"choria=rip.mcollective","collective":"mcollective",`+
		`"agent":"package","ttl":60,"time":%d,"filter":{"fact":[],"cf_class":[],"agent":["package"],"identity":[],"compound":[]}}}`, id, start)
	secure := fmt.Sprintf(`{"protocol":"choria:secure:request:1","message":%s,"signature":"%s","pubcert":"-----BEGIN CERTIFICATE-----\n`,
		quote(inner), base64Of(randomBytes(r, 256)))
	const end = `\n-----END CERTIFICATE-----\n"}`
	for room := payload - len(secure) - len(end); room > 0; room = payload - len(secure) - len(end) {
		line := base64Of(randomBytes(r, 48)) + `\n`
		secure += line[:min(len(line), room)]
	}
	return base64Of([]byte(secure + end))
}
