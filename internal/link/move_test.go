package link

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

func TestLameDuckMovesMakeBeforeBreak(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		servers := map[string]*embedded.Server{"one": natstest.PatientServer(t, "one"), "two": natstest.PatientServer(t, "two")}
		var r recorder
		l, stop := run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(servers["one"].ClientURL(), servers["two"].ClientURL()))))
		attached(t, l, 1)
		first := r.session()
		from := l.Status().ServerName
		servers[from].LameDuck()
		natstest.Eventually(t, "move", func() bool { return r.did("retire 1") })
		<-first.Done()
		if to := l.Status().ServerName; to == from || to == "" {
			t.Errorf("moved from %s to %s", from, to)
		}
		if first.Err() != nil {
			t.Errorf("the old session ended with %v", first.Err())
		}
		stop()
		if got := r.history(); !slices.Equal(got, []string{"attach 1", "attach 2", "retire 1", "retire 2"}) {
			t.Errorf("calls %v", got)
		}
		if r.Counted(EventLameDuck) != 1 || r.Counted(EventMoved) != 1 || r.Counted(EventDisconnected) != 0 {
			t.Errorf("events %v", r.Events)
		}
	})
}

func TestLameDuckWithoutAnotherServerKeepsTheConnectionUntilItDies(t *testing.T) {
	srv := natstest.PatientServer(t, "one")
	var r recorder
	l, _ := run(t, &r, endpoint(t, Federation, natstest.Side(srv.ClientURL())))
	attached(t, l, 1)
	srv.LameDuck()
	natstest.Eventually(t, "failed move", func() bool { return strings.Contains(r.Logged(), "; staying with 127.0.0.1:") })
	if st := l.Status(); !st.Connected || st.Epoch != 1 {
		t.Errorf("status %+v", st)
	}
	srv.Stop()
	natstest.Eventually(t, "loss", func() bool { return r.did("lost 1") })
	if err := srv.Restart(); err != nil {
		t.Fatal(err)
	}
	attached(t, l, 2)
}

// Behind a load balancer another address may lead to the same server, which is about to stop.
func TestLameDuckDoesNotMoveToTheSameServer(t *testing.T) {
	natstest.OnBothPlanes(t, func(t *testing.T, portable bool) {
		var lameDuck atomic.Bool
		address := natstest.Server(t, func(c *natstest.Conn) {
			c.Welcome(natstest.Info)
			if lameDuck.CompareAndSwap(false, true) {
				c.Send("INFO " + strings.TrimSuffix(natstest.Info, "}") + ",\"ldm\":true}\r\n")
			}
			c.AnswerPings()
		})
		var r recorder
		l, _ := run(t, &r, portably(portable, endpoint(t, Federation, natstest.Side(address))))
		natstest.Eventually(t, "failed move", func() bool { return strings.Contains(r.Logged(), errSameServer.Error()) })
		if st := l.Status(); !st.Connected || st.Epoch != 1 {
			t.Errorf("status %+v", st)
		}
	})
}

const fedRecord = "_mcollective-federation_server._tcp"

func TestDNSThatFailsAtFirstIsRetried(t *testing.T) {
	srv := natstest.Start(t, embedded.Options{})
	z, records := startZone(t)
	z.set(dns.RcodeServerFailure, "")
	var r recorder
	l, _ := run(t, &r, endpoint(t, Federation, config.Side{SRV: records}))
	natstest.Eventually(t, "failures", func() bool { return r.Counted(EventResolveFailed) >= 2 })
	if st := l.Status(); !strings.Contains(st.LastError, "dns: server failure for _mcollective-federation_server._tcp.fed.test") {
		t.Errorf("status %+v", st)
	}
	z.set(dns.RcodeSuccess, "")
	natstest.Eventually(t, "empty answers", func() bool { return strings.Contains(l.Status().LastError, "dns: no SRV record") })
	z.set(dns.RcodeSuccess, fedRecord, at("c1.fed.test", srv))
	attached(t, l, 1)
	if url := l.Status().URL; url != "nats://"+at("c1.fed.test", srv) {
		t.Errorf("connected to %s", url)
	}
}

func TestChangedRecordsMoveTheLink(t *testing.T) {
	one, two := natstest.Start(t, embedded.Options{Name: "one"}), natstest.Start(t, embedded.Options{Name: "two"})
	z, records := startZone(t)
	z.set(dns.RcodeSuccess, fedRecord, at("c1.fed.test", one))
	var r recorder
	l, _ := run(t, &r, endpoint(t, Federation, config.Side{SRV: records}))
	attached(t, l, 1)

	// Neither a failing DNS nor one that has forgotten moves anybody.
	for _, rcode := range []int{dns.RcodeServerFailure, dns.RcodeSuccess} {
		z.set(rcode, "")
		failed := r.Counted(EventResolveFailed)
		natstest.Eventually(t, "failed lookups", func() bool { return r.Counted(EventResolveFailed) > failed+2 })
	}
	if got := r.history(); len(got) != 1 {
		t.Fatalf("calls %v", got)
	}

	z.set(dns.RcodeSuccess, fedRecord, at("c2.fed.test", two))
	natstest.Eventually(t, "move", func() bool { return r.did("retire 1") })
	if got := r.history(); !slices.Equal(got, []string{"attach 1", "attach 2", "retire 1"}) {
		t.Errorf("calls %v", got)
	}
	if name := l.Status().ServerName; name != "two" {
		t.Errorf("moved to %s", name)
	}
}

func TestMoveIsCalledOffWhenTheServerIsListedAgain(t *testing.T) {
	one := natstest.Start(t, embedded.Options{})
	z, records := startZone(t)
	z.set(dns.RcodeSuccess, fedRecord, at("c1.fed.test", one))
	var r recorder
	l, _ := run(t, &r, endpoint(t, Federation, config.Side{SRV: records}))
	attached(t, l, 1)
	z.set(dns.RcodeSuccess, fedRecord, "c2.fed.test:1")
	natstest.Eventually(t, "failed moves", func() bool { return r.Counted(EventConnectFailed) >= 2 })
	z.set(dns.RcodeSuccess, fedRecord, at("c1.fed.test", one))
	asked := z.questions(fedRecord)
	natstest.Eventually(t, "the lookup is heeded", func() bool { return z.questions(fedRecord) > asked+4 })
	failed := r.Counted(EventConnectFailed)
	natstest.Eventually(t, "lookups for longer than the backoff", func() bool { return z.questions(fedRecord) > asked+30 })
	if more := r.Counted(EventConnectFailed) - failed; more != 0 || len(r.history()) != 1 || !l.Status().Connected {
		t.Errorf("%d more attempts to move failed, calls %v", more, r.history())
	}
}

// The older record name may list other servers than the newer one. Nobody moves to those because
// the newer one gets no answer for a moment.
func TestHalfAnAnswerMovesNobody(t *testing.T) {
	one, two := natstest.Start(t, embedded.Options{}), natstest.Start(t, embedded.Options{})
	z, records := startZone(t)
	z.set(dns.RcodeSuccess, fedRecord, at("c1.fed.test", one))
	var r recorder
	l, _ := run(t, &r, endpoint(t, Federation, config.Side{SRV: records}))
	attached(t, l, 1)
	z.fail(fedRecord)
	z.set(dns.RcodeSuccess, "_x-puppet-mcollective_federation._tcp", at("c2.fed.test", two))
	natstest.Eventually(t, "failed lookups", func() bool { return r.Counted(EventResolveFailed) > 40 })
	if got := r.history(); len(got) != 1 {
		t.Errorf("calls %v", got)
	}
	one.Stop()
	natstest.Eventually(t, "half an answer is good enough to connect", func() bool { return r.did("attach 2") })
}

// A collective is looked for at puppet:4222 where there are no records. A link does not move there
// when records vanish.
func TestTheFallbackMovesNobody(t *testing.T) {
	srv := natstest.Start(t, embedded.Options{})
	z, records := startZone(t)
	z.set(dns.RcodeSuccess, "_mcollective-server._tcp", at("c1.fed.test", srv))
	var r recorder
	l, _ := run(t, &r, endpoint(t, Collective, config.Side{SRV: records}))
	attached(t, l, 1)
	z.set(dns.RcodeSuccess, "")
	natstest.Eventually(t, "empty answers", func() bool { return r.Counted(EventResolveFailed) > 40 })
	if strings.Contains(r.Logged(), "not listed any more") || len(r.history()) != 1 {
		t.Errorf("calls %v, log:\n%s", r.history(), r.Logged())
	}
}

func TestTheServerToLeaveIsTriedLast(t *testing.T) {
	a, b, c := natstest.Must(parseServer("a")), natstest.Must(parseServer("b")), natstest.Must(parseServer("c"))
	got := inOrder([]server{a, b, c}, &Session{server: natstest.Must(parseServer("A:4222"))})
	if !got[0].same(b) || !got[1].same(c) || !got[2].same(a) {
		t.Errorf("order %v", got)
	}
}

func TestRecordNamesAndTheirOrder(t *testing.T) {
	for _, c := range []struct {
		side, name string
		listed     []string
		want       string
	}{
		{Federation, fedRecord, []string{"a.fed.test:1", "b.fed.test:2", "c.fed.test:3"}, "a.fed.test:1 b.fed.test:2 c.fed.test:3"},
		{Federation, "_x-puppet-mcollective_federation._tcp", []string{"a.fed.test:1"}, "a.fed.test:1"},
		{Collective, "_mcollective-server._tcp", []string{"a.fed.test:1"}, "a.fed.test:1"},
		{Collective, "_x-puppet-mcollective._tcp", []string{"a.fed.test:1"}, "a.fed.test:1"},
		{Collective, "", nil, "puppet:4222"},
		{Federation, "", nil, "dns: no SRV record _mcollective-federation_server._tcp.fed.test nor _x-puppet-mcollective_federation._tcp.fed.test"},
		{Federation, fedRecord, []string{":1", "a.fed.test:0"}, "dns: no SRV record _mcollective-federation_server._tcp.fed.test nor _x-puppet-mcollective_federation._tcp.fed.test"},
	} {
		z, records := startZone(t)
		z.set(dns.RcodeSuccess, c.name, c.listed...)
		list, err := endpoint(t, c.side, config.Side{SRV: records}).resolve(context.Background(), nil)
		var got []string
		for _, s := range list.servers {
			got = append(got, s.address())
		}
		if err != nil {
			got = append(got, err.Error())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %s: %q, want %q", c.side, c.name, got, c.want)
		}
	}
}

// Nodes of Choria connect to a host called puppet when DNS lists no server. So does the link of a
// collective, but it logs why.
func TestTheFallbackIsSaid(t *testing.T) {
	_, records := startZone(t)
	off := records
	off.Disabled = true
	for why, srv := range map[string]config.SRV{
		"dns: no SRV record _mcollective-server._tcp.fed.test nor _x-puppet-mcollective._tcp.fed.test": records,
		"no servers are listed and DNS is not asked":                                                   off,
	} {
		var r recorder
		e := endpoint(t, Collective, config.Side{SRV: srv})
		e.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("unreachable") }
		l, _ := run(t, &r, e)
		natstest.Eventually(t, "a failure", func() bool {
			text := l.Status().LastError
			return strings.HasPrefix(text, "cannot connect to puppet:4222") && strings.HasSuffix(text, "(a guess: "+why+")")
		})
		want := "collective: " + why + "; trying puppet:4222, as Choria does"
		natstest.Eventually(t, "a second round", func() bool { return r.Counted(EventConnectFailed) > 1 })
		if got := strings.Count(r.Logged(), want); got != 1 {
			t.Errorf("said %d times:\n%s", got, r.Logged())
		}
	}
}

func TestListedServersAndDisabledLookups(t *testing.T) {
	off := config.SRV{Disabled: true}
	list, err := endpoint(t, Collective, config.Side{SRV: off}).resolve(context.Background(), nil)
	if err != nil || len(list.servers) != 1 || list.servers[0].String() != "nats://puppet:4222" {
		t.Errorf("%+v, %v", list, err)
	}
	firsts := map[string]bool{}
	e := endpoint(t, Federation, config.Side{SRV: off, Servers: []string{"a:1", "b:2", "c:3"}})
	for i := 0; i < 1000 && len(firsts) < 3; i++ {
		list, _ := e.resolve(context.Background(), nil)
		firsts[list.servers[0].address()] = true
	}
	if len(firsts) != 3 {
		t.Errorf("a list is not shuffled: %v first", firsts)
	}
	if e.dynamic() {
		t.Error("a configured list is not for DNS to change")
	}
}

func TestBackoffDoublesWithJitterAndResets(t *testing.T) {
	var b backoff
	base := backoffMin
	for i := range 20 {
		if d := b.next(); d < base/2 || d > base*3/2 {
			t.Errorf("wait %d is %s, base %s", i, d, base)
		}
		base = min(2*base, backoffMax)
	}
	b.reset()
	if d := b.next(); d > backoffMin*3/2 {
		t.Errorf("after a reset: %s", d)
	}
	seen := map[string]bool{}
	for range 50 {
		seen[strconv.FormatInt(int64(jitter(time.Second)), 10)] = true
	}
	if len(seen) < 40 {
		t.Error("no jitter")
	}
}
