package message

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/fedrelay/fedrelay/internal/fleet"
)

// The names that all messages share.
const (
	Cluster   = "london"
	Federated = "choria.federation." + Cluster + ".federation"
	Returned  = "choria.federation." + Cluster + ".collective"
	Broadcast = "mcollective.broadcast.agent.rpcutil"

	// RequestID is that of all requests.
	RequestID = "7c1f0a52d9e64b0c8a3fd2b1e6a90c44"
	inbox     = "mcollective.reply.74ce5a833e16d4afa24ecbc90f" // the number of the client follows
	client    = "bastion1.fed.example.net"
	fedServer = "nats://choria1.fed.example.net:4222"
	colServer = "nats://choria1.ldn.example.net:4222"
)

var (
	clientHop = []string{fedServer, client, fedServer}
	relayHop  = []string{fedServer, "relay1.ldn.example.net (fedrelay:london)", colServer}
)

// Node is the subject of node i. All have the same length.
func Node(i int) string { return fmt.Sprintf("mcollective.node.n%06d.london.example.net", i) }

// Nodes are the subjects of the nodes from <= i < to.
func Nodes(from, to int) []string {
	all := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, Node(i))
	}
	return all
}

// ReplyTo is where client i wants replies. All such subjects have the same length.
func ReplyTo(i int) string { return fmt.Sprintf("%s%06d.%s", inbox, i, RequestID) }

// ClientAt is where the six digits of the client's number begin in a message, or -1. Messages are
// made with those of client 0.
func ClientAt(m []byte) int {
	at := bytes.Index(m, []byte(inbox))
	if at < 0 {
		return -1
	}
	return at + len(inbox)
}

// NumberAt is where the six digits of a node's subject begin, or -1 if the subject is not that of a
// node.
func NumberAt(subject string) int {
	if !strings.HasPrefix(subject, "mcollective.node.n") {
		return -1
	}
	return len("mcollective.node.n")
}

// Request is what a client publishes to have targets asked.
func Request(serial int, targets []string, b Body) []byte {
	return fleet.V1.Envelope(b.raw(serial), fleet.Headers{
		ReplyTo: ReplyTo(0), Sender: client, Trace: [][]string{clientHop},
		Federation: &fleet.Federation{Request: RequestID, Targets: targets},
	})
}

// Copy is what a node gets of a request through a relay that adds a hop.
func Copy(serial int, b Body) []byte { return copyOf(b.raw(serial)) }

// Rewrite turns a request into what its targets get: a Copy with the data of that request.
func Rewrite(request []byte) []byte {
	rest := request[SerialAt(request):]
	encoded := rest[:bytes.IndexByte(rest, '"')]
	data, _ := base64.StdEncoding.AppendDecode(nil, encoded) // it is one of ours
	return copyOf(data)
}

func copyOf(data []byte) []byte {
	return fleet.V1.Envelope(data, fleet.Headers{
		ReplyTo: Returned, Sender: client, Trace: [][]string{clientHop, relayHop},
		Federation: &fleet.Federation{Request: RequestID, ReplyTo: ReplyTo(0)},
	})
}

// Reply is what node i answers.
func Reply(serial, node int, b Body) []byte {
	name := strings.TrimPrefix(Node(node), "mcollective.node.")
	return fleet.V1.Envelope(b.raw(serial), fleet.Headers{
		Sender: name, Trace: [][]string{clientHop, relayHop, {colServer, name, colServer}},
		Federation: &fleet.Federation{Request: RequestID, ReplyTo: ReplyTo(0)},
	})
}
