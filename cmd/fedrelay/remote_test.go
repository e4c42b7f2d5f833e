package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

// The listener for other machines works without the other one, and the password may change while it
// is open.
func TestOtherMachinesLogInWithWhatTheFileHolds(t *testing.T) {
	dir := t.TempDir()
	secret, file := filepath.Join(dir, "password"), filepath.Join(dir, "ports.json")
	write := func(password string) {
		if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("first")
	config := filepath.Join(dir, "fedrelay.yaml")
	settings := "http: {listen: 'off', remote: {listen: '127.0.0.1:0', user: prometheus, password: '${file:" + secret + "}'}}"
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "--cluster", "a", "--federation", "127.0.0.1:1", "--collective", "127.0.0.1:2", "--config", config, "--ports-file", file)
	p.until("serving metrics and health to other machines")
	var where ports
	fedtest.Eventually(t, "the ports file is there", func() bool {
		content, err := os.ReadFile(file)
		return err == nil && json.Unmarshal(content, &where) == nil
	})
	if where.HTTP != "" || where.Remote == "" {
		t.Fatalf("%+v", where)
	}
	for _, c := range []struct {
		password string
		status   int
	}{{"first", 200}, {"second", 401}} {
		if got := statusFor(t, where.Remote, c.password); got != c.status {
			t.Errorf("with %s: %d", c.password, got)
		}
	}
	write("second")
	if got := statusFor(t, where.Remote, "second"); got != 200 {
		t.Errorf("with the new password: %d", got)
	}
	p.signal(syscall.SIGTERM)
	p.end()
}

func statusFor(t *testing.T, address, password string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("prometheus", password)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// check finds what would keep others from scraping.
func TestCheckLooksAtTheCertificateForOthers(t *testing.T) {
	authority := natstest.NewAuthority(t, "an authority")
	ending := func(in time.Duration) (cert, key string) {
		cert, key = authority.Issue(time.Now().Add(in), "relay1")
		return natstest.File(t, "cert.pem", cert), natstest.File(t, "key.pem", key)
	}
	goodCert, goodKey := ending(60 * 24 * time.Hour)
	soonCert, soonKey := ending(24 * time.Hour)
	oldCert, oldKey := ending(-time.Hour)
	for name, c := range map[string]struct {
		cert, key, says string
		code            int
	}{
		"good":        {goodCert, goodKey, "OK: cluster a", 0},
		"ends soon":   {soonCert, soonKey, "http.remote.cert: ends on ", 0},
		"ended":       {oldCert, oldKey, "http.remote.cert: ended on ", 2},
		"another key": {goodCert, soonKey, "http.remote.cert: " + goodCert + " and " + soonKey + ": tls: private key does not match public key", 2},
	} {
		cmd := child(t, "check", "--cluster", "a", "--federation", "127.0.0.1:1", "--collective", "127.0.0.1:2")
		cmd.Env = append(cmd.Env, "FEDRELAY_HTTP_REMOTE_LISTEN=127.0.0.1:0", "FEDRELAY_HTTP_REMOTE_CERT="+c.cert, "FEDRELAY_HTTP_REMOTE_KEY="+c.key)
		out, _ := cmd.CombinedOutput() // the exit code says it
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(out), c.says) {
			t.Errorf("%s: exit code %d: %s", name, code, out)
		}
		if warned := strings.Contains(string(out), "http.remote"); warned != (name != "good") {
			t.Errorf("%s: %s", name, out)
		}
	}
}
