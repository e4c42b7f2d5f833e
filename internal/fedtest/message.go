package fedtest

import (
	"fmt"
	"strings"
)

// Subjects of the cluster under test.
const (
	FederationSubject = "choria.federation." + Cluster + ".federation"
	CollectiveSubject = "choria.federation." + Cluster + ".collective"
)

// Request makes a v1 request of a client, told from others by its id, for targets.
func Request(id string, targets ...string) string {
	return fmt.Sprintf(`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"reply-to":"%s","mc_sender":"bastion1",`+
		`"seen-by":[["nats://fed1:4222","bastion1","nats://fed1:4222"]],"federation":{"req":"%s","target":["%s"]}}}`,
		ReplySubject(id), id, strings.Join(targets, `","`))
}

// Reply makes the v1 reply of a node to the request of that id.
func Reply(id, node string) string {
	return fmt.Sprintf(`{"protocol":"choria:transport:1","data":"aGVsbG8=","headers":{"mc_sender":"%s",`+
		`"federation":{"req":"%s","reply-to":"%s"}}}`, node, id, ReplySubject(id))
}

// ReplySubject is where the client of a request of that id listens.
func ReplySubject(id string) string {
	return "mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506." + id
}

// Node is the subject of a node.
func Node(name string) string { return "mcollective.node." + name }

// Nodes are the subjects of n nodes.
func Nodes(n int) []string {
	targets := make([]string, n)
	for i := range targets {
		targets[i] = Node(fmt.Sprintf("n%05d.ldn.example.net", i))
	}
	return targets
}
