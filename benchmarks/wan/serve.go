package wan

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/fedrelay/fedrelay/internal/child"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// serving says how one nats-server serves.
type serving struct {
	Name string
	Leaf embedded.Leaf
}

// served is where a server listens: host:port for clients and leaf nodes, and the URL of its
// monitoring.
type served struct{ Client, Leaf, Monitoring string }

// Serve runs one server as its only argument says, tells on out where it is, and ends with ctx.
func Serve(ctx context.Context, out io.Writer, args []string) error {
	var is serving
	if len(args) != 1 || json.Unmarshal([]byte(args[0]), &is) != nil {
		return errors.New("want one argument that says how to serve")
	}
	s, err := embedded.Start(embedded.Options{Name: is.Name, Leaf: is.Leaf, Monitor: true})
	if err != nil {
		return err
	}
	defer s.Stop()
	_, at, _ := strings.Cut(s.ClientURL(), "://")
	if err := json.NewEncoder(out).Encode(served{at, s.LeafAddress(), s.MonitorURL()}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// startServer runs Serve in another process.
func (r *rig) startServer(ctx context.Context, name string, leaf embedded.Leaf) (at served, err error) {
	how, err := json.Marshal(serving{name, leaf})
	if err != nil {
		return at, err
	}
	p, err := child.StartTold(ctx, append(append([]string{}, r.setup.Server...), string(how)), &at)
	if err != nil {
		return at, err
	}
	return at, r.watch(name, p)
}
