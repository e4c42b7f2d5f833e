package main

import "github.com/fedrelay/fedrelay/benchmarks/trial"

// kib is the usual payload, in bytes: about what a real request or reply has.
const kib = 1 << 10

// scenarios are what every contestant is asked to do.
func scenarios() []trial.Scenario {
	return []trial.Scenario{
		trial.OneTarget(3000, kib),
		trial.Loop(10_000, kib),
		trial.FanOut(200, 200), trial.FanOut(200, kib), trial.FanOut(200, 16*kib),
		trial.FanOut(10_000, 200), trial.FanOut(10_000, kib), trial.FanOut(10_000, 16*kib),
		trial.Storm(10_000, kib), trial.Storm(100_000, kib),
		trial.Stream(5, kib),
		trial.Mix(kib),
	}
}
