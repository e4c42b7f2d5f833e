package relay_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A password or token is changed at the server, by a reload, and then in the file that the setting
// names. Nothing is done to the relay.
func TestFaultRotatedSecretsAreReadAgain(t *testing.T) {
	for name, c := range map[string]struct {
		login func(o *server.Options, secret string)
		set   func(user, password, token *string, reference string)
	}{
		"password": {
			func(o *server.Options, secret string) {
				o.Users = []*server.User{{Username: "relay", Password: secret}}
			},
			func(user, password, _ *string, reference string) { *user, *password = "relay", reference },
		},
		"token": {
			func(o *server.Options, secret string) { o.Authorization = secret },
			func(_, _, token *string, reference string) { *token = reference },
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "secret")
			write := func(text string) {
				if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var options *server.Options
			n := &fedtest.Networks{Federation: fedtest.StartServer(t, embedded.Options{})}
			n.Collective = fedtest.StartServer(t, embedded.Options{Tune: func(o *server.Options) {
				c.login(o, "one")
				options = o.Clone()
			}})
			settings := n.Config()
			side := &settings.Collective
			c.set(&side.User, &side.Password, &side.Token, "${file:"+file+"}")
			write("one")
			r := fedtest.StartRelay(t, settings)

			c.login(options, "two")
			if err := n.Collective.Inner().ReloadOptions(options); err != nil {
				t.Fatal(err)
			}
			fedtest.Eventually(t, "the relay says why it is not ready", func() bool {
				_, reasons := r.Ready()
				return strings.Contains(strings.ToLower(strings.Join(reasons, "\n")), "authorization violation")
			})
			write("two")
			r.WaitReady()

			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			if err := n.Collective.Restart(); err != nil {
				t.Fatal(err)
			}
			fedtest.Eventually(t, "the relay names the file", func() bool {
				_, reasons := r.Ready()
				return strings.Contains(strings.Join(reasons, "\n"), name+": ${file:"+file+"}: no such file or directory")
			})
		})
	}
}
