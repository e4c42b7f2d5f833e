package config

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSizes(t *testing.T) {
	for text, want := range map[string]Size{
		"262144": 262144, "256KiB": 256 * KiB, "64MiB": 64 * MiB, "1GiB": GiB, "2 kB": 2000, "3MB": 3e6, "1GB": 1e9,
		"5b": 5, "0": 0, "1_000": 1000, "1kib": KiB,
	} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "KiB", "-1", "1.5MiB", "1 parsec", "0x10", "1__0", "_1", "9223372036854775807KiB", "99999999999999999999"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

func TestSizeReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Size(rapid.Int64Min(0).Draw(t, "size"))
		if got, err := ParseSize(want.String()); err != nil || got != want {
			t.Fatalf("%s: got %d, %v; want %d", want, got, err, want)
		}
	})
}
