package wan

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"

	"github.com/fedrelay/fedrelay/internal/fleet"
	"github.com/fedrelay/fedrelay/wire"
)

// A request is to many nodes.
type request struct {
	targets [][]byte // subjects
	data    []byte   // base64
	groups  [][]byte // as a stock client sends it
}

// A reply is what a node sends, but for what it repeats of the request.
type reply struct{ parts wire.Parts }

// with is the reply as JSON, to a request of which it repeats the header.
func (r reply) with(e echoed) []byte {
	r.parts.FedRequest, r.parts.FedReply = e.request, e.reply
	return wire.AppendMessage(nil, &r.parts)
}

const (
	group       = 200 // targets that the real client puts into one message
	payloadSize = 3000
	caller      = "74ce5a833e16d4afa24ecbc90f1bd9a4"
	requestID   = "7c1f0a52d9e64b0c8a3fd2b1e6a90c44"
	bastion     = "bastion1.fed.example.net"
	fedServer   = "nats://choria1.fed.example.net:4222"
)

// replyTo is where a client wants replies, or ">" for all such subjects.
func replyTo(v wire.Version, id string) string {
	return fleetVersion(v).Collective() + ".reply." + caller + "." + id
}

func fleetVersion(v wire.Version) fleet.Version {
	if v == wire.V2 {
		return fleet.V2
	}
	return fleet.V1
}

// newRequest asks nodes of such names.
func newRequest(v wire.Version, names []string, payload []byte) *request {
	q := &request{data: []byte(base64.StdEncoding.EncodeToString(payload))}
	var targets []string
	for _, name := range names {
		targets = append(targets, fleetVersion(v).Collective()+".node."+name)
		q.targets = append(q.targets, []byte(targets[len(targets)-1]))
	}
	for from := 0; from < len(targets); from += group {
		q.groups = append(q.groups, fleetVersion(v).Envelope(payload, fleet.Headers{
			ReplyTo: replyTo(v, requestID), Sender: bastion, Trace: [][]string{{fedServer, bastion, fedServer}},
			Federation: &fleet.Federation{Request: requestID, Targets: targets[from:min(from+group, len(targets))]},
		}))
	}
	return q
}

// payload is what a request holds: signed text, of which about a third is random.
func payload(size int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	raw := make([]byte, size)
	for i := range raw {
		raw[i] = byte(r.Uint32())
	}
	return []byte(base64.StdEncoding.EncodeToString(raw))[:size]
}

// The kinds of names that nodes have.
var nameKinds = []struct {
	name string
	make func(n int) []string
}{
	{"sequential", func(n int) []string {
		return names(n, func(i int) string { return fmt.Sprintf("web%05d.ldn.example.net", i) })
	}},
	{"ip", func(n int) []string {
		return names(n, func(i int) string {
			return fmt.Sprintf("ip-10-%d-%d-%d.eu-west-1.compute.internal", i>>12, i>>5&255, i*7&255)
		})
	}},
	{"hex", func(n int) []string {
		r := rand.New(rand.NewPCG(3, 4))
		return names(n, func(int) string { return fmt.Sprintf("%016x", r.Uint64()) })
	}},
}

func names(n int, name func(i int) string) (all []string) {
	for i := range n {
		all = append(all, name(i))
	}
	return all
}

// newReplies are those of n nodes. Until there is something better they only look like real ones.
func newReplies(v wire.Version, n int) (all []reply) {
	r := rand.New(rand.NewPCG(5, uint64(v)))
	for i, name := range nameKinds[0].make(n) {
		body := fmt.Sprintf(`{"protocol":"choria:reply:1","message":"{\"statuscode\":0,\"statusmsg\":\"OK\",\"data\":{\"exitcode\":0,\"summary\":\"nothing changed\"}}",`+
			`"envelope":{"requestid":"%s","senderid":"%s","agent":"puppet","time":%d}}`, requestID, name, 1764294000+i%7)
		sum := sha256.Sum256([]byte(body))
		secret := fmt.Sprintf(`{"protocol":"choria:secure:reply:1","message":%q,"hash":"%s"`, body, base64.StdEncoding.EncodeToString(sum[:]))
		if v == wire.V2 {
			signature := make([]byte, 64)
			for i := range signature {
				signature[i] = byte(r.Uint32())
			}
			secret += `,"signature":"` + hex.EncodeToString(signature) + `"`
		}
		m := fleetVersion(v).Envelope([]byte(secret+"}"), fleet.Headers{
			Sender: name, Trace: [][]string{{fedServer, bastion, fedServer}},
			Federation: &fleet.Federation{Request: requestID, ReplyTo: "x"},
		})
		all = append(all, replyOf(v, m))
	}
	return all
}

// replyOf takes a message apart, which it keeps.
func replyOf(v wire.Version, m []byte) reply {
	var e wire.Envelope
	if _, r := wire.Scan(m, scanLimits, &e, nil); r != wire.OK {
		panic("wan: BUG: " + r.String())
	}
	return reply{wire.Parts{Version: v, Data: e.Data.Of(m), Sender: e.Sender.Of(m), Trace: e.Trace.Of(m)}}
}
