package client_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/client"
)

// Ask two nodes, and read their replies.
func Example() {
	nc := startLondon("web1.example.net", "web2.example.net") // nats.Connect("nats://federation.example.net")
	defer nc.stop()

	c, err := client.New(nc.Conn, client.Options{Caller: "choria=alice.mcollective", Clusters: []string{"london"}})
	if err != nil {
		log.Fatal(err)
	}
	id, document := sign("rpcutil")
	call, err := c.Ask(context.Background(), &client.Request{
		ID: id, Secure: document, Nodes: []string{"web1.example.net", "web2.example.net"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer call.Close()
	for reply := range call.Replies() {
		fmt.Println(reply.Sender, reply.Status)
	}
	fmt.Println(len(call.Close().Answered), "answered")

	// Unordered output:
	// web1.example.net in time
	// web2.example.net in time
	// 2 answered
}

// Ask in compact form, and say what became of each node.
func ExampleCall_Close() {
	nc := startLondon("web1.example.net", "web2.example.net")
	defer nc.stop()
	c, err := client.New(nc.Conn, client.Options{Caller: "choria=alice.mcollective", Clusters: []string{"london"}, Compact: true})
	if err != nil {
		log.Fatal(err)
	}
	id, document := sign("rpcutil")
	call, err := c.Ask(context.Background(), &client.Request{
		ID: id, Secure: document, Nodes: []string{"web1.example.net", "db1.example.net", "web2.example.net", "web 3"},
		Wait: 500 * time.Millisecond,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer call.Close()
	for range call.Replies() {
		// what a node has answered is in reply.Secure
	}
	result := call.Close()
	fmt.Println("asked", result.Asked)
	fmt.Println("answered", result.Answered)
	fmt.Println("silent", result.Silent)
	for _, name := range result.Skipped {
		fmt.Printf("not asked: %q: %s\n", name.Name, name.Reason)
	}

	// Output:
	// asked 3
	// answered [web1.example.net web2.example.net]
	// silent [db1.example.net]
	// not asked: "web 3": bad_subject
}

// Ask all nodes that have an agent, and stop after the first two that answer.
func ExampleClient_Ask_broadcast() {
	nc := startLondon("web1.example.net", "web2.example.net")
	defer nc.stop()
	c, err := client.New(nc.Conn, client.Options{Caller: "choria=alice.mcollective", Clusters: []string{"london"}})
	if err != nil {
		log.Fatal(err)
	}
	id, document := sign("discovery")
	call, err := c.Ask(context.Background(), &client.Request{ID: id, Secure: document, Agent: "discovery", Expect: 2})
	if err != nil {
		log.Fatal(err)
	}
	defer call.Close()
	var found []string
	for reply := range call.Replies() {
		found = append(found, reply.Sender)
	}
	slices.Sort(found)
	fmt.Println(found)

	// Output:
	// [web1.example.net web2.example.net]
}
