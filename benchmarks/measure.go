package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/result"
	"github.com/fedrelay/fedrelay/benchmarks/trial"
)

func measure(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	set := trial.Settings{Servers: []string{self, "servers"}, Work: time.Second, Limit: 40 * time.Second}
	contestants := []trial.Contestant{
		{Name: "floor", Command: []string{self, "floor", "{fed}", "{col}"}},
		{Name: "plain", Command: []string{self, "plain", "{fed}", "{col}"}},
		{Name: "direct"},
		{Name: "fedrelay", Command: []string{"bin/fedrelay", "run", "--cluster", "{cluster}", "--federation", "nats://{fed}",
			"--collective", "nats://{col}", "--http", "off", "--log-level", "error"}},
	}
	for _, s := range []trial.Scenario{trial.FanOut(200, 1024), trial.FanOut(10000, 1024), trial.Storm(10000, 1024), trial.Storm(100000, 1024)} {
		for _, c := range contestants {
			if c.Direct() && !s.Direct {
				continue
			}
			o, err := s.Run(ctx, c, set)
			fmt.Println(s.Name, c.Name, err, o.Invalid, o.Metrics)
			_ = result.Outcome{}
		}
	}
	return nil
}
