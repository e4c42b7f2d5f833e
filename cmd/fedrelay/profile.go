package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/pkg/profile"
)

type profileKind struct {
	name string
	mode func(*profile.Profile)
}

func profileKinds() []profileKind {
	return []profileKind{
		{"cpu", profile.CPUProfile}, {"mem", profile.MemProfile}, {"mutex", profile.MutexProfile},
		{"block", profile.BlockProfile}, {"trace", profile.TraceProfile},
	}
}

func isProfile(name string) error {
	var names []string
	for _, k := range profileKinds() {
		names = append(names, k.name)
	}
	if slices.Contains(names, name) {
		return nil
	}
	return errors.New("want " + strings.Join(names, ", "))
}

// startProfile begins a profile, if one is asked for, and returns what ends and writes it.
func startProfile(name, dir string) (stop func()) {
	for _, k := range profileKinds() {
		if k.name == name {
			// Signals are ours: the profile ends after the drain, not instead of it.
			return profile.Start(k.mode, profile.ProfilePath(dir), profile.NoShutdownHook, profile.Quiet).Stop
		}
	}
	return func() {}
}
