package corpus

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/fedrelay/fedrelay/wire"
)

// Options say what replies are like.
type Options struct {
	Version   wire.Version
	OwnTokens bool // version 2: each node has a token of its own, with its key and signature
	Ping      bool // answers to ping instead of 1 kB of facts
	Seed      uint64
}

// Replies returns a reply from each node to one request, in random order, as a relay gets them on
// the collective side.
func Replies(names []string, o Options) [][]byte {
	r := rand.New(rand.NewPCG(o.Seed, 2))
	c := conversation{Options: o, r: r, id: requestID(r, o.Version), caller: fmt.Sprintf("%032x", r.Uint64())}
	c.token = c.newToken("web00001.ldn.example.net")
	messages := make([][]byte, len(names))
	for at, i := range r.Perm(len(names)) {
		messages[at] = c.reply(names[i], at)
	}
	return messages
}

// A conversation is what the replies to one request share.
type conversation struct {
	Options
	r                 *rand.Rand
	id, caller, token string
}

const start = 1_795_332_542 // seconds of Unix time

func (c *conversation) reply(name string, at int) []byte {
	if c.Version == wire.V2 {
		return c.replyV2(name, at)
	}
	reply := fmt.Sprintf(`{"protocol":"choria:reply:1","message":%s,"envelope":{"requestid":"%s","senderid":"%s","agent":"%s","time":%d}}`,
		quote(c.body(name)), c.id, name, c.agent(), start+at/4000)
	hash := sha256.Sum256([]byte(reply))
	secure := fmt.Sprintf(`{"protocol":"choria:secure:reply:1","message":%s,"hash":"%s"}`, quote(reply), base64Of(hash[:]))
	return fmt.Appendf(nil, `{"protocol":"choria:transport:1","data":"%s","headers":{"mc_sender":"%s","seen-by":%s,`+
		`"federation":{"req":"%s","reply-to":"mcollective.reply.%s.%s"}}}`,
		base64Of([]byte(secure)), name, trace(name), c.id, c.caller, c.id)
}

func (c *conversation) replyV2(name string, at int) []byte {
	token := c.token
	if c.OwnTokens {
		token = c.newToken(name)
	}
	when := int64(start)*1e9 + int64(at)*250_000 + c.r.Int64N(250_000)
	reply := fmt.Sprintf(`{"protocol":"io.choria.protocol.v2.reply","message":"%s","request":"%s","sender":"%s","agent":"%s","time":%d}`,
		base64Of([]byte(c.body(name))), c.id, name, c.agent(), when)
	hash := sha256.Sum256([]byte(reply))
	secure := fmt.Sprintf(`{"protocol":"io.choria.protocol.v2.secure_reply","reply":"%s","hash":"%s","signature":"%s","sender":"%s"}`,
		base64Of([]byte(reply)), base64Of(hash[:]), base64Of(c.bytes(64)), token)
	return fmt.Appendf(nil, `{"protocol":"io.choria.protocol.v2.transport","data":"%s","headers":{"sender":"%s","trace":%s,`+
		`"federation":{"request":"%s","reply":"choria.reply.%s.%s"}}}`,
		base64Of([]byte(secure)), name, trace(name), c.id, c.caller, c.id)
}

func (c *conversation) agent() string {
	if c.Ping {
		return "discovery"
	}
	return "choria_util"
}

// body is what the agent answers. Nodes are on three brokers, and have counters of their own.
func (c *conversation) body(name string) string {
	if c.Ping {
		return "pong"
	}
	broker := 1 + c.r.IntN(3)
	return fmt.Sprintf(facts, broker, name, 2+c.r.IntN(300), 2+c.r.IntN(300), 4000+c.r.IntN(100_000), 1300+c.r.IntN(40_000), broker)
}

// facts is the reply of choria_util.info, which go-choria 0.29.4 gave.
const facts = `{"action":"info","statuscode":0,"statusmsg":"OK","data":{"security":"choria","connector":"choria",` +
	`"client_version":"1.52.0","client_flavour":"nats.go go1.26.8","client_options":{"servers":["nats://broker%d.ldn.example.net:4222"],` +
	`"dont_randomize_servers":false,"name":"%s","pedantic":false,"secure":false,"allow_reconnect":true,"max_reconnect_attempts":-1,` +
	`"reconnect_time_wait":2,"connect_timeout":2,"ping_interval":120,"max_outstanding_pings":2},"client_stats":{"in_msgs":%d,"out_msgs":%d,` +
	`"in_bytes":%d,"out_bytes":%d,"reconnects":0},"connected_server":"nats://broker%d.ldn.example.net:4222","facter_domain":"",` +
	`"facter_command":"","srv_domain":"","using_srv":true,"middleware_servers":["127.0.0.1:4311"],"path":"/usr/bin:/bin",` +
	`"choria_version":"choria 0.29.4","secure_protocol":true,"connector_tls":false}}`

// newToken makes what is spelled like the token of a node.
func (c *conversation) newToken(name string) string {
	issued := start - c.r.IntN(40_000_000)
	claims := fmt.Sprintf(`{"identity":"%s","collectives":["choria"],"permissions":{"service_host":true},"ou":"choria","purpose":"choria_server",`+
		`"public_key":"%x","iss":"Choria Tokens Package","exp":%d,"nbf":%d,"iat":%d,"jti":"%s"}`,
		name, c.bytes(32), issued+315_360_000, issued, issued, ksuid(c.r))
	url := base64.RawURLEncoding
	return url.EncodeToString([]byte(`{"alg":"EdDSA","typ":"JWT"}`)) + "." + url.EncodeToString([]byte(claims)) + "." + url.EncodeToString(c.bytes(64))
}

func (c *conversation) bytes(n int) []byte { return randomBytes(c.r, n) }

// trace is the list of hops that a reply has when it leaves its node.
func trace(name string) string {
	return fmt.Sprintf(`[["nats://fed1.example.net:4222","bastion1.fed.example.net","nats://fed1.example.net:4222"],`+
		`["nats://fed1.example.net:4222","relay1 (fedrelay:london)","nats://broker1.ldn.example.net:4222"],`+
		`["nats://broker1.ldn.example.net:4222","%s","nats://broker1.ldn.example.net:4222"]]`, name)
}

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("corpus: BUG: " + err.Error())
	}
	return string(b)
}
