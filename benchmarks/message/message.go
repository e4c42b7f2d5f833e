package message

import (
	"fmt"
	"strings"
)

// The names that all messages share.
const (
	Cluster   = "london"
	Federated = "choria.federation." + Cluster + ".federation"
	Returned  = "choria.federation." + Cluster + ".collective"
	Broadcast = "mcollective.broadcast.agent.rpcutil"
	ReplyTo   = "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506." + requestID

	requestID = "7c1f0a52d9e64b0c8a3fd2b1e6a90c44"
	client    = "bastion1.fed.example.net"
	fedServer = "nats://choria1.fed.example.net:4222"
	colServer = "nats://choria1.ldn.example.net:4222"
)

// Node is the subject of node i. All have the same length.
func Node(i int) string { return fmt.Sprintf("mcollective.node.n%06d.london.example.net", i) }

// Nodes are the subjects of nodes from up to, not including, to.
func Nodes(from, to int) []string {
	all := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, Node(i))
	}
	return all
}

// Request is what a client publishes to have targets asked.
func Request(serial int, targets []string, b Body) []byte {
	return fmt.Appendf(nil, `{"protocol":"choria:transport:1","data":"%s","headers":{"reply-to":"%s","mc_sender":"%s",`+
		`"seen-by":[%s],"federation":{"req":"%s","target":["%s"]}}}`,
		b.data(serial), ReplyTo, client, hop(fedServer, client, fedServer), requestID, strings.Join(targets, `","`))
}

// Copy is what a node gets of it, as a relay that adds a hop writes it.
func Copy(serial int, b Body) []byte { return copyOf(b.data(serial)) }

func copyOf(data []byte) []byte {
	return fmt.Appendf(nil, `{"protocol":"choria:transport:1","data":"%s","headers":{"reply-to":"%s","mc_sender":"%s",`+
		`"seen-by":[%s,%s],"federation":{"req":"%s","reply-to":"%s"}}}`,
		data, Returned, client, hop(fedServer, client, fedServer), relayHop(), requestID, ReplyTo)
}

// Reply is what node i answers.
func Reply(serial, node int, b Body) []byte {
	name := strings.TrimPrefix(Node(node), "mcollective.node.")
	return fmt.Appendf(nil, `{"protocol":"choria:transport:1","data":"%s","headers":{"mc_sender":"%s",`+
		`"seen-by":[%s,%s,%s],"federation":{"req":"%s","reply-to":"%s"}}}`,
		b.data(serial), name, hop(fedServer, client, fedServer), relayHop(), hop(colServer, name, colServer), requestID, ReplyTo)
}

func relayHop() string { return hop(fedServer, "relay1.ldn.example.net (fedrelay:london)", colServer) }

func hop(from, by, to string) string { return fmt.Sprintf(`["%s","%s","%s"]`, from, by, to) }

// NumberAt is where in the subject of a node its six digits are, or -1 if it is that of no node.
func NumberAt(subject string) int {
	if !strings.HasPrefix(subject, "mcollective.node.n") {
		return -1
	}
	return len("mcollective.node.n")
}
