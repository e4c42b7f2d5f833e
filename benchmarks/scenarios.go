package main

import (
	"time"

	"github.com/fedrelay/fedrelay/benchmarks/trial"
)

// kib is the usual payload, in bytes: about what a real request or reply has.
const kib = 1 << 10

// away is the round trip to servers that are far.
const away = 20 * time.Millisecond

// scenarios are what every contestant is asked to do, each without and with TLS.
func scenarios() (all []trial.Scenario) {
	for _, s := range []trial.Scenario{
		trial.OneTarget(3000, kib),
		extra(trial.Loop(10_000, kib)),
		extra(trial.FanOut(200, 200)), trial.FanOut(200, kib), extra(trial.FanOut(200, 16*kib)),
		extra(trial.FanOut(10_000, 200)), trial.FanOut(10_000, kib), extra(trial.FanOut(10_000, 16*kib)),
		trial.FanOut(10_000, 200).SharedBy(20), trial.FanOut(10_000, 200).SharedBy(2000),
		trial.Storm(10_000, kib), trial.Storm(100_000, kib),
		trial.Stream(5, kib),
		trial.Mix(kib),
		trial.Clients(1000, 200),
	} {
		all = append(all, s, s.OverTLS())
	}
	for _, s := range []trial.Scenario{
		extra(trial.FanOut(200, kib).Away(away)), trial.FanOut(10_000, kib).Away(away), trial.Storm(10_000, kib).Away(away),
	} {
		all = append(all, s, extra(s.OverTLS()))
	}
	return all
}

// extra scenarios are left out unless somebody asks for them, or for all.
func extra(s trial.Scenario) trial.Scenario {
	s.Extra = true
	return s
}
