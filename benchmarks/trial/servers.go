package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/secure"
	"github.com/fedrelay/fedrelay/internal/child"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/line"
)

// Addresses are where the two servers listen, host:port, and their monitoring, a URL.
type Addresses struct {
	Fed, Col                     string // for clients and nodes
	RelayFed, RelayCol           string // for the relay: the same, or a delay in front of it
	FedMonitoring, ColMonitoring string
}

// Serving says how two servers serve.
type Serving struct {
	Cert, Key string        // PEM files; empty: no TLS
	Away      time.Duration // round trip between the relay and each server, beside that of loopback
}

// Arguments are what ParseServing makes the same of.
func (s Serving) Arguments() []string { return []string{s.Cert, s.Key, s.Away.String()} }

// ParseServing reads the arguments of a process that is to Serve.
func ParseServing(args []string) (s Serving, err error) {
	if len(args) != 3 {
		return s, fmt.Errorf("want a certificate, its key and a round trip, have %q", args)
	}
	s.Cert, s.Key = args[0], args[1]
	s.Away, err = time.ParseDuration(args[2])
	return s, err
}

// Serve runs two servers with the settings that nats-server has by itself, says on out where they
// are, and ends with ctx.
func Serve(ctx context.Context, out io.Writer, s Serving) error {
	fed, err := s.start("federation")
	if err != nil {
		return err
	}
	defer fed.Stop()
	col, err := s.start("collective")
	if err != nil {
		return err
	}
	defer col.Stop()
	at := Addresses{
		Fed: hostPort(fed), Col: hostPort(col), RelayFed: hostPort(fed), RelayCol: hostPort(col),
		FedMonitoring: fed.MonitorURL(), ColMonitoring: col.MonitorURL(),
	}
	for _, address := range []*string{&at.RelayFed, &at.RelayCol} {
		if s.Away == 0 {
			break
		}
		far, err := line.Listen(*address, line.Shape{RoundTrip: s.Away})
		if err != nil {
			return err
		}
		defer far.Close()
		*address = far.Address()
	}
	if err := json.NewEncoder(out).Encode(at); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func (s Serving) start(name string) (*embedded.Server, error) {
	o := embedded.Options{Name: name, Monitor: true}
	if s.Cert != "" {
		var err error
		if o.TLS, err = secure.Server(s.Cert, s.Key); err != nil {
			return nil, err
		}
	}
	return embedded.Start(o)
}

func hostPort(s *embedded.Server) string {
	_, address, _ := strings.Cut(s.ClientURL(), "://")
	return address
}

// startServers runs Serve in another process, so that the servers' work is not counted as the
// relay's.
func startServers(ctx context.Context, command []string) (*child.Process, Addresses, error) {
	var addresses Addresses
	p, err := child.StartTold(ctx, command, &addresses)
	if err != nil {
		return nil, addresses, fmt.Errorf("cannot start servers: %w", err)
	}
	return p, addresses, nil
}
