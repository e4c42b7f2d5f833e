package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// freeze stops the process for a while, as a terminal does, and waits until it stands still.
func (p *process) freeze() {
	p.t.Helper()
	p.signal(syscall.SIGSTOP)
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(p.cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		p.t.Fatalf("not stopped: %v, %x", err, status)
	}
}

// A process that was stopped finds old requests in its sockets. Nodes must not get them as if they
// were new.
func TestFaultT29WhatArrivedWhileTheProcessWasStoppedExpires(t *testing.T) {
	for _, portable := range []string{"false", "true"} {
		t.Run("portable="+portable, func(t *testing.T) {
			const ttl = 2 * time.Second
			t.Setenv("FEDRELAY_PIPELINE_COPY_TTL", ttl.String())
			t.Setenv("FEDRELAY_PIPELINE_PORTABLE", portable)
			n, args := networks(t)
			p := start(t, append(args, "--http", "127.0.0.1:0", "--drain-replies", "0s")...)
			federation, collective := fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective)
			p.ready()
			p.freeze()
			const old = 20
			for range old {
				federation.Send("choria.federation.london.federation", strings.Replace(request, "node.n1", "node.old", 1))
			}
			federation.Sync()
			<-time.After(ttl + 2*time.Second) // a beat may have been late
			p.signal(syscall.SIGCONT)
			fedtest.Eventually(t, "new requests are served", func() bool {
				federation.Send("choria.federation.london.federation", request)
				collective.Sync()
				return collective.Seen() > 0
			})
			if got := collective.Next().Subject; got != "mcollective.node.n1" {
				t.Errorf("%s got an old request", got)
			}
			p.signal(syscall.SIGTERM)
			if code := p.end(); code != command.Done {
				t.Errorf("exit code %d:\n%s", code, strings.Join(p.said, "\n"))
			}
			for collective.Seen() > 0 {
				if got := collective.Next().Subject; got != "mcollective.node.n1" {
					t.Errorf("%s got an old request", got)
				}
			}
			ledger := strings.Join(p.ledger(), "\n")
			requests, _, _ := strings.Cut(ledger, ";")
			if strings.Contains(requests, "expired 0") || !strings.HasSuffix(ledger, `unaccounted 0"}`) {
				t.Errorf("ledger: %q", ledger)
			}
		})
	}
}
