package link

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
)

// zone is a DNS server for fed.test whose answers can be changed.
type zone struct {
	mu      sync.Mutex
	rcode   int
	records map[string][]string // SRV name to "priority host:port"
	broken  string              // a name that cannot be asked
	asked   map[string]int
}

func startZone(t *testing.T) (*zone, config.SRV) {
	t.Helper()
	z := &zone{records: map[string][]string{}, asked: map[string]int{}}
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	srv := &dns.Server{PacketConn: pc, Handler: z, NotifyStartedFunc: func() { close(started) }}
	var wg sync.WaitGroup
	wg.Go(func() { srv.ActivateAndServe() })
	<-started
	t.Cleanup(func() {
		srv.Shutdown()
		wg.Wait()
	})
	return z, config.SRV{Domain: "fed.test", Resolver: pc.LocalAddr().String(), Interval: 20 * time.Millisecond}
}

func (z *zone) set(rcode int, name string, targets ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.rcode = rcode
	clear(z.records)
	if name != "" {
		z.records[name+".fed.test."] = targets
	}
}

func (z *zone) fail(name string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.broken = name + ".fed.test."
}

func (z *zone) questions(name string) int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.asked[name+".fed.test."]
}

func (z *zone) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(req)
	z.mu.Lock()
	defer z.mu.Unlock()
	q := req.Question[0]
	z.asked[q.Name]++
	switch {
	case z.rcode != dns.RcodeSuccess:
		m.Rcode = z.rcode
	case q.Name == z.broken:
		m.Rcode = dns.RcodeServerFailure
	case q.Qtype == dns.TypeA:
		rr, _ := dns.NewRR(q.Name + " 1 IN A 127.0.0.1")
		m.Answer = append(m.Answer, rr)
	case q.Qtype == dns.TypeAAAA:
	case z.records[q.Name] == nil:
		m.Rcode = dns.RcodeNameError
	default:
		m.Answer = srvRecords(q.Name, z.records[q.Name])
	}
	w.WriteMsg(m)
}

func srvRecords(name string, targets []string) []dns.RR {
	var all []dns.RR
	for i, t := range targets {
		host, port, _ := net.SplitHostPort(t)
		rr, err := dns.NewRR(fmt.Sprintf("%s 1 IN SRV %d 10 %s %s.", name, i, port, host))
		if err != nil {
			panic(err)
		}
		all = append(all, rr)
	}
	return all
}

func at(host string, s *embedded.Server) string {
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.ClientURL(), "nats://"))
	return net.JoinHostPort(host, port)
}
