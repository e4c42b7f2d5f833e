package trace

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/client"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natstrace"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/sign"
	"github.com/fedrelay/fedrelay/internal/state"
)

// Options say what to trace. All but Recall are required.
type Options struct {
	Session    *link.Session // to the federation; nobody else uses it meanwhile
	Signer     *sign.Signer
	Node       string
	Collective string
	Clusters   []string
	Identity   string        // of this host
	Patience   time.Duration // how long the node has to answer
	// Recall is how long instances have to say what they know of a request, once it is over.
	// Default 500 ms.
	Recall time.Duration
}

// Run asks the node through each cluster, all at once. It blocks for about the patience of o, and
// for a second or two more. An error says that nothing could be asked: a name that no subject can
// hold, or a connection that has ended.
func Run(ctx context.Context, o Options) (state.Trace, error) {
	t := state.Trace{
		Schema: state.Schema, Node: o.Node, Collective: o.Collective, Target: o.Collective + ".node." + o.Node,
		Caller: o.Signer.Caller(), Signed: o.Signer.Signed(), Protocol: o.Signer.Version(),
		Client: o.Identity, Started: time.Now().UTC(), Server: o.Session.URL(),
	}
	o.Recall = cmp.Or(o.Recall, 500*time.Millisecond)
	denied := &denials{subjects: map[string]bool{}}
	o.Session.OnDenied(denied.add)
	rtt, err := o.Session.Conn.RTT()
	if err != nil {
		return t, err
	}
	t.ServerSeconds = rtt.Seconds()
	clusters := make([]cluster, len(o.Clusters))
	for i, name := range o.Clusters {
		clusters[i] = cluster{options: o, name: name, target: t.Target, denied: denied}
		clusters[i].findWay(ctx) // one after the other: see natstrace.Trace
	}
	errs := make([]error, len(clusters))
	var asking sync.WaitGroup
	for i := range clusters {
		asking.Go(func() { errs[i] = clusters[i].ask(ctx) })
	}
	asking.Wait()
	_ = o.Session.Settle(ctx) // fails only with the connection: then less is known
	for i := range clusters {
		clusters[i].findSilent(ctx)
		t.Clusters = append(t.Clusters, clusters[i].judge(t))
	}
	return t, errors.Join(errs...)
}

// denials are the subjects that this login was not let publish to.
type denials struct {
	mu       sync.Mutex
	subjects map[string]bool // guarded by mu
}

func (d *denials) add(subject string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.subjects[subject] = true
}

func (d *denials) has(subject string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.subjects[subject]
}

// A cluster is what is asked of one cluster, and what has come of it.
type cluster struct {
	options Options
	name    string
	target  string
	denied  *denials

	way    natstrace.Result
	wayErr error

	id     string // of the request
	sent   time.Time
	reply  *client.Reply // nil: none came in time
	result *client.Result
	probes []state.Probe
	asked  error // why instances could not be asked for them
	seen   []state.Request
	silent []string // members of the queue group that have not answered
}

// findWay traces the way to an instance.
func (c *cluster) findWay(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Patience)
	defer cancel()
	c.way, c.wayErr = natstrace.Trace(ctx, c.options.Session.Conn, c.subject())
}

// findSilent finds who else may have got the request, if no answer came. After an error less is
// known, and that is all.
func (c *cluster) findSilent(ctx context.Context) {
	if c.reply != nil || c.way.Found() != natstrace.Yes {
		return
	}
	var answered []string
	for _, p := range c.probes {
		answered = append(answered, p.Identity)
	}
	members, _ := service.Silent(ctx, c.options.Session.Conn, c.name, answered)
	for _, m := range members {
		c.silent = append(c.silent, m.String())
	}
}

// subject is what requests are sent to.
func (c *cluster) subject() string { return "choria.federation." + c.name + ".federation" }

// headStart is how long the request is alone on its way. Probes cost the relay and the servers some
// work, and the time of an answer is to be that of any request.
const headStart = 250 * time.Millisecond

// ask sends the request, and asks the instances for probes when the answer has come or is late.
// When that is over it asks what they know of the request.
func (c *cluster) ask(ctx context.Context) error {
	probing, stop := context.WithTimeout(ctx, headStart+c.options.Patience+c.options.Recall)
	defer stop()
	over := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		select {
		case <-over:
		case <-time.After(min(headStart, c.patience()/2)):
		}
		c.probes, c.asked = askAll[state.Probe](probing, c, service.Probe, service.Target{Target: c.target}, c.patience())
	})
	err := c.request(ctx)
	close(over)
	switch {
	case err != nil:
		stop()
	case c.reply != nil:
		time.AfterFunc(c.options.Recall, stop) // what probes add is not worth a long wait
	}
	asking.Wait()
	var denied *link.DeniedError
	if err == nil && !errors.As(c.asked, &denied) {
		c.recall(ctx)
	}
	return err
}

// recall asks what instances know of the request. After an error less is known, and that is all.
func (c *cluster) recall(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*c.options.Recall)
	defer cancel()
	all, _ := askAll[state.Request](ctx, c, service.Request, service.ByID{ID: c.id}, c.options.Recall)
	for _, r := range all {
		if r.Messages+r.Replies > 0 || len(r.Rejected) > 0 {
			c.seen = append(c.seen, r)
		}
	}
}

// askAll asks all instances. It returns what came, whatever the error.
func askAll[T any](ctx context.Context, c *cluster, verb string, question any, patience time.Duration) ([]T, error) {
	return service.Ask[T](ctx, c.options.Session.Conn, c.name, verb, question, patience)
}

// patience is how long to wait for the node. Where nobody takes the request it is short: somebody
// may have come meanwhile.
func (c *cluster) patience() time.Duration {
	if f := c.way.Found(); c.wayErr == nil && (f == natstrace.No || f == natstrace.Denied) {
		return min(c.options.Patience, c.options.Recall)
	}
	return c.options.Patience
}

// request sends the ping and waits for the node.
func (c *cluster) request(ctx context.Context) error {
	o := c.options
	asker, err := client.New(o.Session.Conn, client.Options{
		Caller: o.Signer.Caller(), Clusters: []string{c.name}, Identity: o.Identity, Collective: o.Collective, SingleReplies: true,
	})
	if err != nil {
		return err
	}
	c.id, c.sent = o.Signer.NewID(), time.Now()
	document := o.Signer.Document(sign.Ping{ID: c.id, Sender: o.Identity, Collective: o.Collective, At: c.sent})
	c.sent = time.Now() // signing took some time
	call, err := asker.Ask(ctx, &client.Request{ID: c.id, Secure: document, Nodes: []string{o.Node}, Wait: c.patience()})
	if err != nil {
		return err
	}
	defer call.Close()
	for r := range call.Replies() {
		c.reply = r
	}
	c.result = call.Close()
	return nil
}
