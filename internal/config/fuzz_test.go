package config

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

// reasonable fails the test if the outcome is neither a valid configuration nor a list of problems,
// or if it took too long.
func reasonable(t *testing.T, r Resolved, err error, start time.Time) {
	t.Helper()
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
	var problems Problems
	switch {
	case err == nil && r.Config.Validate() != nil:
		t.Errorf("loaded, but %v", r.Config.Validate())
	case err != nil && !errors.As(err, &problems):
		t.Errorf("not a list of problems: %v", err)
	case err == nil:
		if _, err := r.Effective(); err != nil {
			t.Error(err)
		}
	}
	for _, p := range problems {
		if p.Text == "" || bytes.ContainsAny([]byte(p.Error()), "\x00\x1b") {
			t.Errorf("unfit to be printed: %q", p.Error())
		}
	}
}

func FuzzYAML(f *testing.F) {
	f.Add([]byte(Example(true)))
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > maxFile || firstBinary(content) >= 0 || bytes.Contains(content, []byte("file:")) {
			t.Skip("rejected earlier, or would read files")
		}
		start := time.Now()
		l := newLoader(Sources{File: "f.yaml", Environ: []string{"A=b"}, Hostname: "h.example.net", SkipFiles: true})
		l.parseFile(l.src.File, content)
		r, err := l.resolve()
		reasonable(t, r, err, start)
	})
}

func FuzzChoria(f *testing.F) {
	f.Add([]byte(choriaBase), []byte("federation.cluster = x\n"), true)
	f.Fuzz(func(t *testing.T, broker, plugin []byte, noTLS bool) {
		if len(broker)+len(plugin) > maxFile || firstBinary(broker) >= 0 || firstBinary(plugin) >= 0 {
			t.Skip("rejected earlier")
		}
		start := time.Now()
		l := newLoader(Sources{
			Choria: "/c/broker.conf", ChoriaWithoutTLS: noTLS, Environ: []string{"HOME=/h"}, Hostname: "h.example.net", SkipFiles: true,
		})
		c := newChoria(l)
		c.parse("/c/broker.conf", "", broker)
		c.parse("/c/plugin.d/choria.cfg", "plugin.choria.", plugin)
		c.translate()
		r, err := l.resolve()
		reasonable(t, r, err, start)
	})
}
