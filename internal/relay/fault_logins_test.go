package relay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/pipeline"
)

// Who may log in: the load and the relay.
var (
	loadUser  = &server.User{Username: "load", Password: "secret"}
	relayUser = &server.User{Username: "relay", Password: "secret"}
)

// A roll changes who may log in to servers that run.
type roll struct{ kept []*server.Options }

// withLogins has servers ask for a login.
func (r *roll) withLogins(options stageOptions) stageOptions {
	options.server.Users = []*server.User{loadUser, relayUser}
	options.server.Tune = func(o *server.Options) { r.kept = append(r.kept, o.Clone()) }
	options.config = func(c *config.Config) {
		for _, side := range []*config.Side{&c.Federation, &c.Collective} {
			side.User, side.Password = relayUser.Username, relayUser.Password
		}
	}
	return options
}

// change has one server let in these users and nobody else, from now on.
func (r *roll) change(t *testing.T, of side, s *embedded.Server, users ...*server.User) {
	t.Helper()
	o := r.kept[of].Clone()
	o.Users = users
	if err := s.Inner().ReloadOptions(o); err != nil {
		t.Fatal(err)
	}
}

func TestFaultT16ARevokedLoginIsNamedAndUsedAgainWhenRestored(t *testing.T) {
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		var users roll
		s := newStage(t, users.withLogins(options))
		before := s.epochs()
		users.change(t, collective, s.Collective, loadUser)
		fedtest.Eventually(t, "the relay says why it is not ready", func() bool {
			_, reasons := s.relay.Ready()
			return strings.Contains(strings.ToLower(strings.Join(reasons, "\n")), "authorization violation")
		})
		s.lives(100 * time.Millisecond)
		if s.relay.Sides()[collective].Events["auth_error"] == 0 {
			t.Errorf("events %v", s.relay.Sides()[collective].Events)
		}
		users.change(t, collective, s.Collective, loadUser, relayUser)
		s.recovers(5*time.Second, before, ofCollective...)
		s.keeps(before, ofFederation...)
		s.end()
	})
}

// Some subjects are closed to the relay for a while, on both sides.
func TestFaultT25DeniedCopiesAreCountedApartFromTheOthers(t *testing.T) {
	const closed = "k3"
	onBothPlanes(t, inRealTime, func(t *testing.T, options stageOptions) {
		var users roll
		s := newStage(t, users.withLogins(options))
		before := s.epochs()
		bound := *relayUser
		bound.Permissions = &server.Permissions{Publish: &server.SubjectPermission{
			Deny: []string{"mcollective.node.*." + closed, "mcollective.reply.*.*." + closed},
		}}
		users.change(t, federation, s.Federation, loadUser, &bound)
		users.change(t, collective, s.Collective, loadUser, &bound)
		fedtest.Eventually(t, "copies are denied on both sides", func() bool {
			return s.fate(federation, pipeline.Denied) > 20 && s.fate(collective, pipeline.Denied) > 20
		})
		s.flowing()
		users.change(t, federation, s.Federation, loadUser, relayUser)
		users.change(t, collective, s.Collective, loadUser, relayUser)
		s.end()
		s.keeps(before, federationReceive, federationPublish, collectiveReceive, collectivePublish)
		for _, f := range s.flows {
			if confirmed := s.fate(f.from, pipeline.Confirmed); f.arrived.Load() != confirmed {
				t.Errorf("from the %s: %d copies arrived, %d are confirmed", f.from, f.arrived.Load(), confirmed)
			}
		}
		if n := s.relay.Unconfirmed(); n != 0 {
			t.Errorf("%d copies are unconfirmed though no connection was lost", n)
		}
	})
}
