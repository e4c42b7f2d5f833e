package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/child"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// address is what a server says of itself.
type address struct{ Address string }

// Serve is a NATS server in a process of its own, which a world starts (Options.Server). It says on
// out where it listens, and blocks until ctx ends. args are its port, 0 for any, and for how long a
// client may make it wait, 0s for as long as nats-server does by itself.
func Serve(ctx context.Context, out io.Writer, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want a port and a write deadline, have %q", args)
	}
	port, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	deadline, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	s, err := embedded.Start(embedded.Options{Port: port, WriteDeadline: deadline})
	if err != nil {
		return err
	}
	defer s.Stop()
	if err := json.NewEncoder(out).Encode(address{hostPort(s.ClientURL())}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func hostPort(url string) string {
	_, at, _ := strings.Cut(url, "://")
	return at
}

// A natsServer is such a process. It keeps its port when it is started again.
type natsServer struct {
	command  []string
	deadline time.Duration
	address  string // host:port, after the first start
	process  *child.Process
}

func (s *natsServer) start(ctx context.Context) error {
	port := "0"
	if s.address != "" {
		port = s.address[strings.LastIndexByte(s.address, ':')+1:]
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var told address
	command := append(append([]string{}, s.command...), port, s.deadline.String())
	p, err := child.StartTold(bounded, command, &told)
	if err != nil {
		return fmt.Errorf("a NATS server: %w", err)
	}
	s.process, s.address = p, told.Address
	return nil
}

func (s *natsServer) url() string { return "nats://" + s.address }

func (s *natsServer) stop() error { return s.process.Stop(patience) }
