package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// Addresses are where the two servers listen, host:port.
type Addresses struct{ Fed, Col string }

// Serve runs two servers with the settings that nats-server has by itself, says where they are on out, and ends with in.
func Serve(in io.Reader, out io.Writer) error {
	fed, err := embedded.Start(embedded.Options{Name: "federation"})
	if err != nil {
		return err
	}
	defer fed.Stop()
	col, err := embedded.Start(embedded.Options{Name: "collective"})
	if err != nil {
		return err
	}
	defer col.Stop()
	at := Addresses{hostPort(fed), hostPort(col)}
	if err := json.NewEncoder(out).Encode(at); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

func hostPort(s *embedded.Server) string { return strings.TrimPrefix(s.ClientURL(), "nats://") }

// startServers runs Serve in another process, so that the servers' work is not counted as the relay's.
func startServers(ctx context.Context, command []string) (*Process, Addresses, error) {
	var at Addresses
	p, err := start(ctx, command)
	if err != nil {
		return nil, at, err
	}
	err = json.NewDecoder(p.stdout).Decode(&at)
	go p.await()
	if err != nil {
		p.stop()
		return nil, at, fmt.Errorf("servers: %w: %s", err, p.stderr.String())
	}
	return p, at, nil
}
