package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/fedrelay/fedrelay/internal/child"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// Addresses are where the two servers listen, host:port.
type Addresses struct{ Fed, Col string }

// Serve runs two servers with the settings that nats-server has by itself, says on out where they
// are, and ends with ctx.
func Serve(ctx context.Context, out io.Writer) error {
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
	if err := json.NewEncoder(out).Encode(Addresses{hostPort(fed), hostPort(col)}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func hostPort(s *embedded.Server) string { return strings.TrimPrefix(s.ClientURL(), "nats://") }

// startServers runs Serve in another process, so that the servers' work is not counted as the
// relay's.
func startServers(ctx context.Context, command []string) (*child.Process, Addresses, error) {
	read, write := io.Pipe()
	p, err := child.Start(command, write)
	if err != nil {
		return nil, Addresses{}, fmt.Errorf("cannot start servers: %w", err)
	}
	defer context.AfterFunc(ctx, p.Kill)()
	go func() {
		<-p.Done()
		write.Close()
	}()
	var addresses Addresses
	if err := json.NewDecoder(read).Decode(&addresses); err != nil {
		p.Kill()
		end, _ := p.Ended()
		return nil, addresses, fmt.Errorf("the servers ended: %w", end)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	return p, addresses, nil
}
