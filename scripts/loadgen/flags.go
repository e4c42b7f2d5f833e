package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/fleet"
)

const maxNodes = 1_000_000

// nodeFlags say what simulated nodes are like, and how they behave.
func nodeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "nodes", Usage: "simulate `N` nodes", Value: 10_000, Validator: between(1, maxNodes)},
		&cli.IntFlag{Name: "connections", Usage: "that share `M` connections (default: one for each 2,500)", HideDefault: true, Validator: between(1, 1000)},
		&cli.IntFlag{Name: "reply-size", Usage: "`BYTES` of text in each reply", Value: 500, Validator: between(0, 16<<20)},
		&cli.StringFlag{Name: "delay", Usage: "`TIME` a node takes: 20ms, uniform:5ms..50ms or lognormal:MEDIAN,SIGMA", Value: "0s", Validator: isDelay},
		&cli.FloatFlag{Name: "loss", Usage: "`SHARE` of replies that are never sent, 0 to 1", Validator: isShare},
		&cli.FloatFlag{Name: "slow", Usage: "`SHARE` of nodes that take --slow-times as long", Validator: isShare},
		&cli.FloatFlag{Name: "slow-times", Usage: "`N`, see --slow", Value: 10},
		&cli.Uint64Flag{Name: "seed", Usage: "`N` makes delays and loss repeatable (default: a new one)", HideDefault: true},
		&cli.StringFlag{Name: "protocol", Usage: "`VERSION` v1 or v2", Value: "v1", Validator: isProtocol},
		&cli.StringFlag{Name: "collective", Usage: "`NAME` that subjects begin with (default: mcollective in v1, choria in v2)"},
		&cli.StringFlag{Name: "cluster", Usage: "`NAME` of the relay's cluster, and in the names of nodes", Value: "london", Validator: isCluster},
		&cli.BoolFlag{Name: "yes-really", Usage: "put load on servers that are not on this machine", HideDefault: true},
	}
}

func behaviour(cmd *cli.Command) (fleet.Behaviour, error) {
	delay, err := fleet.ParseDelay(cmd.String("delay"))
	if err != nil {
		return fleet.Behaviour{}, err
	}
	b := fleet.Behaviour{
		Delay: delay, Loss: cmd.Float("loss"), Slow: cmd.Float("slow"), SlowTimes: cmd.Float("slow-times"), Seed: seed(cmd),
	}
	if b.Slow == 0 {
		b.SlowTimes = 0
	}
	if err := b.Check(); err != nil {
		return b, command.UsageError(cmd, strings.TrimPrefix(err.Error(), "fleet: "))
	}
	return b, nil
}

// seed chooses a seed if none is given, and keeps it as the value of the flag, which is reported.
func seed(cmd *cli.Command) uint64 {
	if !cmd.IsSet("seed") {
		_ = cmd.Set("seed", fmt.Sprint(rand.Uint64N(1_000_000_000))) // it is a number
	}
	return cmd.Uint64("seed")
}

func protocol(cmd *cli.Command) fleet.Version {
	if cmd.String("protocol") == "v2" {
		return fleet.V2
	}
	return fleet.V1
}

func between(least, most int) func(int) error {
	return func(n int) error {
		if n < least || n > most {
			return fmt.Errorf("want %d to %d", least, most)
		}
		return nil
	}
}

func isShare(f float64) error {
	if !(f >= 0 && f <= 1) {
		return fmt.Errorf("want 0 to 1")
	}
	return nil
}

func isPositive(d time.Duration) error {
	if d <= 0 {
		return errors.New("want more than 0s")
	}
	return nil
}

func isDelay(text string) error {
	_, err := fleet.ParseDelay(text)
	return err
}

func isProtocol(text string) error {
	if text != "v1" && text != "v2" {
		return fmt.Errorf("want v1 or v2")
	}
	return nil
}

// isCluster accepts what may stand in a subject, in the name of a node and in a command line.
func isCluster(text string) error {
	for _, part := range strings.Split(text, ".") {
		if _, err := fleet.NewRoster([]string{part}); err != nil {
			return errors.New("want letters, digits, dashes and underscores, with dots between them if need be")
		}
	}
	return nil
}
