package relay

import "github.com/fedrelay/fedrelay/internal/config"

// AskingRights returns the rights that the login of somebody who asks relays needs on the
// federation.
func AskingRights(c config.Config) (all []Right) {
	const trace = "fedrelay trace"
	for _, cluster := range clustersOf(c) {
		prefix := "choria.federation." + cluster
		all = append(all,
			Right{Publish: true, Subject: prefix + ".fedrelay.*"},
			Right{Publish: true, Subject: prefix + ".federation", Lacks: trace},
			Right{Subject: prefix + ".stats", Lacks: "fedrelay observe: brokers that answer no questions"})
	}
	all = append(all, Right{Subject: "_INBOX.>"})
	for _, collective := range addressed(c) {
		all = append(all, Right{Subject: collective + ".reply.>", Lacks: trace})
	}
	return append(all,
		Right{Publish: true, Subject: "_INBOX.>", Lacks: trace + ": the servers on the way"},
		Right{Publish: true, Subject: "$SRV.>", Lacks: "nats service ls"})
}
