package main

import (
	"encoding/json"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/preflight"
)

// asPrinted are two networks, and flags for logins that have the rights that are printed.
type asPrinted struct {
	relay, operator []string
	more            []string // of trace
}

// printedPermissions returns what is printed in one form for a relay.
func printedPermissions(t *testing.T, form string) string {
	t.Helper()
	out, errs, code := says(t, "config", "permissions", "--for", form, "--cluster", fedtest.Cluster, "--name", "relay", "--operator", "alice")
	if code != 0 {
		t.Fatal(errs)
	}
	return out
}

func inNATSForm(t *testing.T) asPrinted {
	blocks := strings.Split(printedPermissions(t, "nats"), "in nats-server's configuration\n")
	if len(blocks) != 4 {
		t.Fatalf("%d blocks: %q", len(blocks), blocks)
	}
	user := func(name, block string) string {
		block, _, _ = strings.Cut(block, "\n\n")
		return "{user: " + name + ", password: pw, permissions: {\n" + block + "\n} }"
	}
	start := func(users ...string) string {
		conf := natstest.File(t, "nats.conf", "authorization { users = [ "+strings.Join(users, ", ")+" ] }")
		return fedtest.StartServer(t, embedded.Options{Users: natstest.Must(server.ProcessConfigFile(conf)).Users}).ClientURL()
	}
	federation := start(user("relay", blocks[1]), user("operator", blocks[3]))
	return asPrinted{
		relay: []string{"--federation", federation, "--collective", start(user("relay", blocks[2])),
			"--fed-user", "relay", "--fed-password", "pw", "--col-user", "relay", "--col-password", "pw"},
		operator: []string{"--federation", federation, "--fed-user", "operator", "--fed-password", "pw"},
	}
}

func inChoriaForm(t *testing.T) asPrinted {
	var logins []config.ChoriaToken
	for line := range strings.Lines(printedPermissions(t, "choria")) {
		if strings.HasPrefix(line, "choria jwt client ") {
			logins = append(logins, natstest.ChoriaLogin(t, line, config.ChoriaToken{}))
		}
	}
	if len(logins) != 3 {
		t.Fatalf("%d tokens", len(logins))
	}
	federation, collective := fedtest.StartServer(t, natstest.ChoriaBroker()), fedtest.StartServer(t, natstest.ChoriaBroker())
	as := func(side string, login config.ChoriaToken) []string {
		return []string{"--" + side + "-choria-token", login.Token, "--" + side + "-choria-seed", login.Seed}
	}
	servers := []string{"--federation", federation.ClientURL()}
	return asPrinted{
		relay:    slices.Concat(servers, []string{"--collective", collective.ClientURL()}, as("fed", logins[0]), as("col", logins[1])),
		operator: slices.Concat(servers, as("fed", logins[2])),
		more:     []string{"--sign-token", logins[2].Token, "--sign-seed", logins[2].Seed},
	}
}

// What is printed to paste is enough: for check, for a relay, and for those who ask it.
func TestPrintedPermissionsAreEnough(t *testing.T) {
	for form, in := range map[string]func(t *testing.T) asPrinted{"nats": inNATSForm, "choria": inChoriaForm} {
		t.Run(form, func(t *testing.T) {
			p := in(t)
			t.Run("check", func(t *testing.T) { nothingIsMissing(t, p.relay) })
			relay := start(t, append(p.relay, "--cluster", fedtest.Cluster, "--http", "127.0.0.1:0", "--drain-replies", "0s")...)
			relay.ready()
			ask := func(verb string, more ...string) (string, int) {
				out, errs, code := says(t, slices.Concat([]string{verb, "--cluster", fedtest.Cluster}, p.operator, more)...)
				return strings.Join(strings.Fields(out+errs), " "), code
			}
			// A question may be lost while the relay tries its rights.
			eventually := func(verb, says string, more ...string) {
				var out string
				fedtest.Eventually(t, verb+" gets answers", func() bool {
					var code int
					out, code = ask(verb, append(more, "--timeout", "100ms")...)
					return strings.Contains(out, says) && code < 2
				})
				if strings.Contains(out, "may not") {
					t.Errorf("%s: %s", verb, out)
				}
			}
			eventually("rejects", "1 instance asked: nothing has been rejected")
			eventually("observe", "r1: relay")
			eventually("explain", "1 instance asked: no requests are known yet")
			eventually("trace", "nobody on the collective of london subscribes to", append(p.more, "n1")...)
			relay.signal(syscall.SIGTERM)
			relay.end()
			for _, line := range relay.said {
				if strings.Contains(line, "may not") || strings.Contains(line, "is denied") {
					t.Errorf("the relay says %s", line)
				}
			}
		})
	}
}

// nothingIsMissing fails the test if check finds a right missing.
func nothingIsMissing(t *testing.T, args []string) {
	said, _, code := says(t, append([]string{"check", "--connect", "--cluster", fedtest.Cluster, "--json"}, args...)...)
	var r preflight.Report
	if err := json.Unmarshal([]byte(said), &r); err != nil || code != 0 {
		t.Errorf("exit code %d, %v:\n%s", code, err, said)
	}
	for _, c := range r.Checks {
		// Nobody runs a node or a relay there.
		bad := (c.Level == preflight.Warning || c.Level == preflight.Critical) && c.ID != "nodes" && c.ID != "cluster_name"
		if bad && !strings.Contains(c.Text, "nobody is in queue group") || c.ID == "operators" {
			t.Errorf("missing: %+v", c)
		}
	}
}

// Who may not ask a Choria broker is told which token to make.
func TestAChoriaTokenThatMayNotAskIsExplained(t *testing.T) {
	s := fedtest.StartServer(t, natstest.ChoriaBroker())
	login := natstest.ChoriaLogin(t, "choria jwt client op.jwt up=op issuer.seed --public-key op.public --no-fleet-management", config.ChoriaToken{})
	flags := []string{"--cluster", fedtest.Cluster, "--federation", s.ClientURL(), "--fed-choria-token", login.Token, "--fed-choria-seed", login.Seed}
	_, errs, code := says(t, append([]string{"rejects", "--timeout", "100ms"}, flags...)...)
	if want := "make this token with --publish 'choria.federation.*.fedrelay.*' (fedrelay config permissions prints"; code != 1 || !strings.Contains(errs, want) {
		t.Errorf("exit code %d: %s", code, errs)
	}
	// An unsigned request is one of another caller.
	login = natstest.ChoriaLogin(t, "choria jwt client op.jwt up=op issuer.seed --public-key op.public --publish choria.federation.*.fedrelay.*", config.ChoriaToken{})
	flags = append(flags[:4], "--fed-choria-token", login.Token, "--fed-choria-seed", login.Seed)
	out, _, _ := says(t, append([]string{"trace", "n1", "--timeout", "100ms"}, flags...)...)
	if out := strings.Join(strings.Fields(out), " "); !strings.Contains(out, "and sign with the same token (--sign-token): a Choria broker lets only the caller") {
		t.Error(out)
	}
}
