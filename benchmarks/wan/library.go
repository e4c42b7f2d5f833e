package wan

import (
	"context"
	"encoding/base64"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/benchmarks/message"
	fedclient "github.com/fedrelay/fedrelay/client"
)

// A library asks with package client, over the line itself.
type library struct {
	conn    *nats.Conn
	asks    *fedclient.Client
	replies arrivals
	call    *fedclient.Call // the last one; nil before the first
	readers sync.WaitGroup
}

func newLibrary(at string) (*library, error) {
	conn, err := nats.Connect("nats://"+at, nats.NoReconnect())
	if err != nil {
		return nil, err
	}
	asks, err := fedclient.New(conn, fedclient.Options{
		Caller: "choria=rip.mcollective", Clusters: []string{message.Cluster}, Identity: "bastion1.fed.example.net", Compact: true,
	})
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &library{conn: conn, asks: asks}, nil
}

func (l *library) heard() *arrivals { return &l.replies }

// ask ends the call before.
func (l *library) ask(q *request) error {
	l.end()
	secure, err := base64.StdEncoding.DecodeString(string(q.data[1 : len(q.data)-1]))
	if err != nil {
		return err
	}
	l.call, err = l.asks.Ask(context.Background(), &fedclient.Request{
		ID: message.RequestID, Secure: secure, Version: fedclient.Version(q.version), Nodes: q.names, Wait: trialLimit,
	})
	if err != nil {
		return err
	}
	l.readers.Go(func() { l.read(l.call) })
	return nil
}

// read hands over replies as they stand in the message of a node.
func (l *library) read(call *fedclient.Call) {
	var key []byte
	for r := range call.Replies() {
		key = append(base64.StdEncoding.AppendEncode(append(key[:0], '"'), r.Secure), '"')
		l.replies.arrived(key)
	}
}

// end ends the last call and returns in how many bundles its replies came.
func (l *library) end() (bundles int) {
	if l.call != nil {
		bundles = l.call.Close().Bundles
	}
	l.readers.Wait()
	return bundles
}

func (l *library) close() {
	l.end()
	l.conn.Close()
}
