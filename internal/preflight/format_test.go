package preflight

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/tools"
)

func sample() *Report {
	r := NewReport(time.Unix(1_700_000_000, 0))
	r.Config, r.Cluster, r.Seconds = "cluster london", "london", 0.25
	r.Add(
		Check{ID: IDConfig, Level: OK, Text: "can be used"},
		Check{ID: idConnect, Side: "federation", Level: OK, Text: "connected"},
		Check{ID: idPublish, Side: "federation", Level: OK, Text: "a"},
		Check{ID: idPublish, Side: "federation", Level: Critical, Text: "b | c", Where: "f.yaml:1:2", Fix: []string{"do this", "    and that"}},
		Check{ID: idClock, Side: "federation", Level: Note, Text: "not looked at"},
		Check{ID: idPayload, Level: Warning, Text: "differs"},
	)
	return r
}

func TestReportsAreWritten(t *testing.T) {
	for format, want := range map[string]string{
		"text": `cluster london

configuration
  OK  can be used

federation
  OK  connected
  OK  a
  !!  f.yaml:1:2: b | c
        do this
            and that
  --  not looked at

both sides
  ??  differs

!! 1 failed, 1 to look at, 3 passed
`,
		"nagios": `FEDRELAY CRITICAL - federation: b / c | passed=3 warning=1 critical=1 seconds=0.250s
CRITICAL: federation: b / c
WARNING: differs
`,
		"prometheus": `# HELP fedrelay_check_level How a check has ended, the worst where there are several of a kind: 0 ok, 1 to look at, 2 failed.
# TYPE fedrelay_check_level gauge
fedrelay_check_level{cluster="london",side="",check="config"} 0
fedrelay_check_level{cluster="london",side="federation",check="connect"} 0
fedrelay_check_level{cluster="london",side="federation",check="publish"} 2
fedrelay_check_level{cluster="london",side="",check="max_payload"} 1
# HELP fedrelay_check_success 1 if no check has failed.
# TYPE fedrelay_check_success gauge
fedrelay_check_success{cluster="london"} 0
# HELP fedrelay_check_duration_seconds How long the checks took.
# TYPE fedrelay_check_duration_seconds gauge
fedrelay_check_duration_seconds{cluster="london"} 0.250
# HELP fedrelay_check_timestamp_seconds When the checks began.
# TYPE fedrelay_check_timestamp_seconds gauge
fedrelay_check_timestamp_seconds{cluster="london"} 1700000000
`,
	} {
		var b strings.Builder
		if err := sample().Write(&b, format); err != nil || b.String() != want {
			t.Errorf("%s: %v\n%s", format, err, b.String())
		}
	}
}

func TestPromtoolAcceptsTheMetrics(t *testing.T) {
	promtool := tools.Need(t, "promtool")
	var b strings.Builder
	if err := sample().Write(&b, "prometheus"); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(b.String())
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

func TestExitCodesOfNagios(t *testing.T) {
	for level, want := range map[Level]int{OK: 0, Note: 0, Warning: 1, Critical: 2} {
		r := NewReport(time.Now())
		r.Add(Check{ID: idClock, Level: level})
		if got := r.NagiosCode(); got != want {
			t.Errorf("%s: %d", level, got)
		}
	}
}

func TestRightsAreGrantedInEachForm(t *testing.T) {
	c := config.Default()
	c.Cluster, c.Allow.Collectives = "london", []string{"acme"}
	federation, collective := relay.RightsOf(c, link.Federation), relay.RightsOf(c, link.Collective)
	inbox := link.ChoriaInbox
	for _, want := range []struct {
		form   Form
		holder Holder
		rights []relay.Right
		lines  string
	}{
		{NATS, Holder{}, collective, `publish:   { allow: ["acme.node.>", "acme.broadcast.agent.*", "acme.broadcast.service.*", "$SYS.REQ.USER.INFO", "_INBOX.>"] }
subscribe: { allow: ["choria.federation.london.collective", "_INBOX.>"] }`},
		{NSC, Holder{Name: "a b", Side: "federation"}, federation, `nsc add user --account ACCOUNT --name 'a b' --allow-pub 'acme.reply.>' --allow-pub choria.federation.london.stats --allow-pub '$SYS.REQ.USER.INFO' --allow-sub choria.federation.london.federation --allow-sub 'choria.federation.london.fedrelay.>' --allow-sub '$SRV.>' --allow-sub '_INBOX.>' --allow-pub-response
nsc generate creds --account ACCOUNT --name 'a b' --output-file federation.creds`},
		{NSC, Holder{Name: "r", Side: "collective", Account: "COL", Creds: "/etc/r.creds"}, collective[:1], `nsc edit user --account COL --name r --allow-sub choria.federation.london.collective
nsc generate creds --account COL --name r --output-file /etc/r.creds`},
		{Choria, Holder{Name: "a b", Side: "collective"}, collective, `choria jwt keys collective.seed collective.public
choria jwt client collective.jwt 'up=a b' collective-issuer.seed --public-key collective.public --no-fleet-management --validity 8760h --subscribe choria.federation.london.collective --publish 'acme.node.>' --publish 'acme.broadcast.agent.*' --publish 'acme.broadcast.service.*' --publish '` + inbox("up=a b") + `.>'`},
		{Choria, Holder{Name: "r", Side: "federation"}, federation, `choria jwt keys federation.seed federation.public
choria jwt client federation.jwt up=r federation-issuer.seed --public-key federation.public --no-fleet-management --validity 8760h --subscribe choria.federation.london.federation --subscribe 'choria.federation.london.fedrelay.>' --subscribe '$SRV.>' --publish 'acme.reply.>' --publish choria.federation.london.stats --publish 'choria.reply.>'`},
		{Choria, Holder{Name: "operator", Side: "federation", Files: "op", Fleet: true}, relay.AskingRights(c), `choria jwt keys op.seed op.public
choria jwt client op.jwt up=operator federation-issuer.seed --public-key op.public --validity 24h --subscribe choria.federation.london.stats --publish 'choria.federation.london.fedrelay.*' --publish '` + inbox("up=operator") + `.>'`},
		{Choria, Holder{Name: "r", Side: "federation", Caller: "aaa=x", Key: "00ff"}, federation[:1], `choria jwt client federation.jwt aaa=x federation-issuer.seed --public-key 00ff --no-fleet-management --validity 8760h --subscribe choria.federation.london.federation`},
	} {
		if got := strings.Join(Grant(want.form, want.holder, want.rights), "\n"); got != want.lines {
			t.Errorf("%s:\n%s", want.form, got)
		}
	}
}
