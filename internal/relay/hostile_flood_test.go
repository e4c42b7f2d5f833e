package relay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire"
)

// secret stands in every payload of a flood, and where a payload could be. It must never stand in a
// log.
const secret = "S3CR3T"

// spice stands in every name of a flood, and rightly in a log, but not as it is.
const spice = `sp1ce-\u001b[31m-\u202e`

// floodMessages are bad in several ways; a few are good.
func floodMessages() (all []hostileCase) {
	dirty := strings.NewReplacer("bastion1", spice+strings.Repeat("x", 300), "app7", "sp1ce", "c2VhbGVk", secret)
	add := func(from side, payload string, r wire.Reason) {
		all = append(all, hostileCase{from: from, payload: dirty.Replace(payload), reason: r, answer: r != wire.NotAllowed})
	}
	for _, from := range []side{federation, collective} {
		add(from, secret, wire.Malformed)
		add(from, strings.Replace(v1fedFilled, "choria:transport:1", secret, 1), wire.BadVersion)
		add(from, strings.Replace(v1fedFilled, `"headers"`, `"data":"`+secret+`","headers"`, 1), wire.DuplicateKey)
		add(from, fill(v1fed("null"), ""), wire.NotFederated)
	}
	add(federation, aimed("$sp1ce.x.y"), wire.NotAllowed)
	add(federation, answered("choria.federation.sp1ce.federation"), wire.Loop)
	add(collective, forged("mcollective.node.sp1ce"), wire.ReplyNotAllowed)
	add(collective, forged(strings.Repeat("sp1ce", 100)), wire.SubjectTooLong)
	add(federation, v1fedFilled, wire.OK)
	add(collective, forged(answers), wire.OK)
	return all
}

// Ten thousand bad messages make one line for each reason, on each path. Nothing of their payload
// gets into it. The good ones among them arrive.
func TestHostileFloodsLogOneLinePerReason(t *testing.T) {
	const rounds = 850
	n := fedtest.StartNetworks(t, embedded.Options{})
	c := n.Config()
	c.Log.DropInterval = time.Hour
	var book logBook
	log := slog.New(slog.NewJSONHandler(&book, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r, err := relay.New(c, relay.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	fedtest.Eventually(t, "the relay is ready", func() bool { ok, _ := r.Ready(); return ok })

	taps := [2]*fedtest.Tap{fedtest.NewTap(t, n.Federation), fedtest.NewTap(t, n.Collective)}
	subjects := [2]string{fedtest.FederationSubject, fedtest.CollectiveSubject}
	messages := floodMessages()
	for range rounds {
		for _, m := range messages {
			if err := taps[m.from].Publish(subjects[m.from], []byte(m.payload)); err != nil {
				t.Fatal(err)
			}
		}
	}
	taps[federation].Sync()
	taps[collective].Sync()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	checkFloodBooks(t, r, messages, rounds)
	for _, tap := range taps {
		tap.Sync()
		if got := tap.Seen(); got != rounds {
			t.Errorf("%d good messages arrived, of %d", got, rounds)
		}
	}
	checkFloodLog(t, book.String(), messages)
}

// checkFloodBooks holds the ledgers against what was sent.
func checkFloodBooks(t *testing.T, r *relay.Relay, messages []hostileCase, rounds int64) {
	t.Helper()
	var want [2][wire.NumReasons]int64
	var skipped int64
	for _, m := range messages {
		if m.skips() {
			skipped += rounds
		} else if m.reason != wire.OK {
			want[m.from][m.reason] += rounds
		}
	}
	request, reply := r.Ledgers()
	if got := request.Fates[pipeline.Skipped][wire.NotAllowed]; got != skipped || request.Fate(pipeline.Skipped) != skipped {
		t.Errorf("skipped %d targets, want %d", got, skipped)
	}
	if got := [2][wire.NumReasons]int64{request.Rejected, reply.Rejected}; got != want {
		t.Errorf("rejected: %s, want %s", counts(got), counts(want))
	}
	if !request.Balanced() || !reply.Balanced() || r.Unaccounted() != 0 {
		t.Error(r.LedgerLine())
	}
}

func checkFloodLog(t *testing.T, log string, messages []hostileCase) {
	t.Helper()
	if strings.Contains(log, secret) || !regexp.MustCompile(`^[\n -~]*$`).MatchString(log) {
		t.Errorf("the log shows what was in a payload, or more than printable ASCII:\n%s", clip(log))
	}
	seen := make(map[string]int)
	for line := range strings.Lines(log) {
		var v struct{ Msg, Path, Reason string }
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		if len(line) > 1000 {
			t.Errorf("a line of %d bytes: %.200s", len(line), line)
		}
		if v.Reason != "" {
			seen[v.Path+" "+v.Reason]++
		}
	}
	paths := [2]string{"request", "reply"}
	for _, m := range messages {
		if key := paths[m.from] + " " + m.reason.String(); m.reason != wire.OK && seen[key] != 1 {
			t.Errorf("%s: %d lines, want 1", key, seen[key])
		}
	}
	if got := strings.Count(log, "\n"); got > 60 {
		t.Errorf("%d lines in all: %s", got, fmt.Sprint(seen))
	}
}
