package relay

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/telemetry"
)

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tokenThatEnds is a Choria token that names no key, so that any seed belongs to it.
func tokenThatEnds(end time.Time) string {
	claims := fmt.Sprintf(`{"callerid":"up=relay","exp":%d,"sub_subjects":["choria.federation.london.federation"],"pub_subjects":["*.reply.>"]}`, end.Unix())
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

func watched(t *testing.T, log *bytes.Buffer, token, seed string) *Relay {
	t.Helper()
	c := config.Default()
	c.Cluster, c.Identity = "london", "relay1"
	c.Federation.Servers, c.Collective.Servers = []string{"127.0.0.1:1"}, []string{"127.0.0.1:2"}
	c.Federation.Choria = config.ChoriaToken{Token: token, Seed: seed}
	r, err := New(c, Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCredentialsThatEndAreWarnedAboutUntilTheyAreRenewed(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	token := writeFile(t, filepath.Join(dir, "relay.jwt"), tokenThatEnds(now.Add(10*24*time.Hour)))
	var log bytes.Buffer
	r := watched(t, &log, token, writeFile(t, filepath.Join(dir, "relay.seed"), strings.Repeat("ab", 32)))
	if len(r.Warnings()) > 0 {
		t.Error("warnings before anything was read")
	}
	r.credentials.inspect(now)
	r.credentials.inspect(now.Add(time.Minute))
	if w := r.Warnings(); len(w) != 1 || !strings.Contains(w[0], "federation.choria.token: the Choria token "+token+" ends on ") {
		t.Errorf("warnings %q", w)
	}
	if got := strings.Count(log.String(), "ends on"); got != 1 {
		t.Errorf("logged %d times:\n%s", got, log.String())
	}
	if end := r.Sides()[0].Expiry[link.KindChoriaToken]; end.Unix() != now.Add(10*24*time.Hour).Unix() || len(r.Sides()[1].Expiry) > 0 {
		t.Errorf("expiry %s", end)
	}

	r.credentials.inspect(now.Add(11 * 24 * time.Hour))
	if w := r.Warnings(); len(w) != 1 || !strings.Contains(w[0], "ended on") || !strings.Contains(log.String(), "ended on") {
		t.Errorf("warnings %q", w)
	}
	writeFile(t, token, tokenThatEnds(now.Add(100*24*time.Hour)))
	r.credentials.inspect(now.Add(11 * 24 * time.Hour))
	if w := r.Warnings(); len(w) > 0 {
		t.Errorf("warnings %q", w)
	}
}

func TestWarningsThatStayAreLoggedOnceADay(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	token := writeFile(t, filepath.Join(dir, "relay.jwt"), strings.Replace(tokenThatEnds(now), "e30.", "", 1))
	var log bytes.Buffer
	r := watched(t, &log, token, writeFile(t, filepath.Join(dir, "relay.seed"), strings.Repeat("ab", 32)))
	for hour := range 49 {
		r.credentials.inspect(now.Add(time.Duration(hour) * time.Hour))
	}
	if got := strings.Count(log.String(), "holds no Choria token"); got != 3 {
		t.Errorf("logged %d times", got)
	}
}

func TestRightsThatEachSideNeeds(t *testing.T) {
	c := config.Default()
	c.Cluster = "london"
	if n := needsOf(c, link.Collective); !slices.Equal(n.Publish, []string{"?.node.>", "?.broadcast.agent.?"}) ||
		!slices.Equal(n.Subscribe, []string{"choria.federation.london.collective"}) {
		t.Error(n)
	}
	c.Allow.Collectives, c.Stats.Publish = []string{"mco"}, config.PublishTrue
	if n := needsOf(c, link.Federation); !slices.Equal(n.Publish, []string{"mco.reply.>", "choria.federation.london.stats"}) {
		t.Error(n)
	}
}

func TestKindsOfCredentialsAreThoseOfTelemetry(t *testing.T) {
	kinds := []string{link.KindChoriaToken, link.KindCreds, link.KindAuthority, link.KindCertificate}
	if !slices.Equal(kinds, telemetry.CredentialNames[:]) {
		t.Errorf("natsio has %v, telemetry %v", kinds, telemetry.CredentialNames)
	}
}

func TestOneKeyOnBothSidesIsWarnedAbout(t *testing.T) {
	dir := t.TempDir()
	token := writeFile(t, filepath.Join(dir, "relay.jwt"), tokenThatEnds(time.Now().Add(1000*time.Hour)))
	c := config.Default()
	c.Cluster = "london"
	c.Federation.Servers, c.Collective.Servers = []string{"127.0.0.1:1"}, []string{"127.0.0.1:2"}
	c.Federation.Choria = config.ChoriaToken{Token: token, Seed: writeFile(t, filepath.Join(dir, "seed"), strings.Repeat("ab", 32))}
	c.Collective.Choria = c.Federation.Choria
	mistakes, warnings := CheckCredentials(c, time.Now())
	found := fmt.Sprint(warnings)
	if len(mistakes) > 0 || !strings.Contains(found, "collective.choria.token: is for the same key as federation.choria.token") {
		t.Errorf("%v\n%v", mistakes, found)
	}
}
