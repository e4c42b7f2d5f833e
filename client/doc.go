// Package client asks Choria nodes through a federation, from Go: one request to any number of
// nodes, by name, and who has answered it.
//
//	nc, err := nats.Connect("nats://federation.example.net")
//	...
//	c, err := client.New(nc, client.Options{Caller: "choria=alice.mcollective", Clusters: []string{"london"}})
//	...
//	call, err := c.Ask(ctx, &client.Request{ID: id, Secure: document, Nodes: names})
//	...
//	defer call.Close()
//	for reply := range call.Replies() {
//		fmt.Println(reply.Sender, len(reply.Secure))
//	}
//	result := call.Close()
//	fmt.Println(len(result.Answered), "answered, silent:", result.Silent, result.Err)
//
// The connection is the caller's, with whatever login, TLS and reconnecting it has. A [Client] adds
// a subscription to it for each call, and nothing else.
//
// # What the caller brings
//
// A request is signed from end to end, and so is what is in it: the agent, the action, the request
// id, the caller. This package makes none of it. It takes the secure request document as bytes
// (Request.Secure) and sends it in the message around it, with the names of nodes, the reply
// subject and the trace of a stock Go client. [Request] says what must agree with the document.
//
// Federation brokers, stock nodes and stock clients need no change. The same goes for an edge
// between the client and the relays: for the client it is a relay.
//
// # Signatures are not checked
//
// A [Reply] has the secure reply document as it came (Reply.Secure). Nothing in it has been looked
// at: not the hash, not the signature, not who signed it. Reply.Sender is what the message around
// it says, and anybody who may publish to the reply subject can say anything there. Whoever needs
// to know who answered must check Secure, and compare the sender in it. A forged reply can come
// before the real one. With Request.Extra the later one is yielded, too.
//
// # JSON or compact
//
// Without further options a request is sent as stock clients do: JSON messages with 200 targets
// each, every one to every cluster. Every relay takes these. With Options.Compact it is one compact
// message for each cluster: for 10,000 nodes some ten to some hundred times smaller, depending on
// how much their names have in common (see package wire/compact). All relays of the clusters, or an
// edge in front of them, must be able to read it. A relay that reads only JSON drops it.
// Result.JSONOnly warns of that if a reply comes through such a relay. If all are such, there is no
// warning, and all nodes are silent.
//
// A compact request says until when the call lasts. Relays drop it when that is over by more than
// five seconds on their clock, and with sealed return addresses late replies, too. So the clocks of
// client and relays must not differ by more than that.
//
// Replies come compact if the relays can do that, and one by one otherwise, whichever way the
// request was sent. This is asked for by the end of the reply subject, ".=". Options.SingleReplies
// asks with the subject of a stock client instead. Rights that servers grant for reply subjects end
// in ">" and cover both:
//
//	mcollective.reply.74ce5a833e16d4afa24ecbc90fff8506.7c1f0a52d9e64b0c8a3fd2b1e6a90c44.=
//	CCCCCCCCCCC       HHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH IIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII
//
// C is the collective, H the MD5 of the caller id in hex, I the request id.
//
// Whatever the form, a message larger than the server's max_payload is sent in parts.
//
// # How a call ends
//
// Call.Replies ends when every node that was asked has answered, or Request.Expect nodes have. Else
// it ends when Request.Wait and Request.Late are over. Replies between the two are yielded with the
// status [TooLate]. A deadline of the context shortens both times, and cancelling it ends the call
// at once. When the connection is lost, the call goes on with the next one. What is lost meanwhile
// stays lost, and Result.Reconnects says that there was such a time.
//
// A [Result] says of each node whether it answered, was late, or stayed silent. A node that answers
// twice counts once, and is named. So are nodes that answer without having been asked. What cannot
// be read is counted by reason. A name that cannot be asked costs itself only.
//
// # Slow readers
//
// Replies wait in memory until they are read, Options.Buffer bytes at most. Nothing waits for the
// reader: neither the connection, nor its other subscriptions. When the buffer is full, replies are
// thrown away. Their nodes still count as answered, Result.Dropped names them, and Result.Err is
// [ErrDropped].
//
// What others send is bounded, too: how much a compact message may expand to, how many names of
// strangers are kept, how long a name may be.
//
// # Goroutines and locks
//
// A call has one goroutine, that of its subscription. It ends soon after Close. Call.mu is held for
// a few instructions, and no other mutex is taken while it is, but those of the connection.
package client
