//go:build pooldebug

package lock

// order is that of all classes. A goroutine takes a lock only while each that it holds is in a line
// further up. Two of one line are never held together, and neither are two of one class.
var order = [][]string{
	{"relay.Process"},
	{"socket.readLock"},
	{"natsio.gate"},
	{"natsio.Source"},
	{"natsio.outbox"},
	{"natsio.Publisher"},
	{"natsio.inbox", "natsio.Heartbeat", "natsio.bundles"},
	{"link.Link", "link.Session", "link.denials", "link.flushes", "link.tlsSessions"},
	{"socket.writeLock"},
	{"socket.lingerLock"},
	{"socket.recordConn"},
	{"socket.pings", "socket.linger", "socket.Conn"},
	{"relay.notes", "relay.events", "relay.failures", "relay.said", "relay.prober"},
	{"recent.Requests", "recent.Replies", "recent.Rejections", "recent.denials"},
}

var ranks = ranksOf(order)

func ranksOf(order [][]string) map[string]int {
	ranks := map[string]int{}
	for rank, classes := range order {
		for _, class := range classes {
			ranks[class] = rank
		}
	}
	return ranks
}
