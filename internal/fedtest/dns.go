package fedtest

import (
	"net"
	"net/url"
	"strconv"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"github.com/fedrelay/fedrelay/internal/embedded"
)

// Domain is what a DNS answers for.
const Domain = "example.net"

// A DNS is a name server that knows NATS servers by their SRV records. While it is broken, as it is
// at first, every question fails.
type DNS struct {
	address string

	// Guarded by mu.
	mu     sync.Mutex
	broken bool
	asked  int
	ports  map[string]uint16 // by record name
}

// StartDNS starts a name server; it ends with the test.
func StartDNS(t testing.TB) *DNS {
	t.Helper()
	socket, err := net.ListenPacket("udp", embedded.Host+":0")
	if err != nil {
		t.Fatal(err)
	}
	d := &DNS{address: socket.LocalAddr().String(), broken: true, ports: make(map[string]uint16)}
	ready, done := make(chan struct{}), make(chan error, 1)
	server := &dns.Server{PacketConn: socket, Handler: d, NotifyStartedFunc: func() { close(ready) }}
	go func() { done <- server.ActivateAndServe() }()
	<-ready
	t.Cleanup(func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return d
}

// Address is that of the name server, for config.SRV.
func (d *DNS) Address() string { return d.address }

// Announce makes a record for a server: record is like "_mcollective-server._tcp".
func (d *DNS) Announce(t testing.TB, record string, s *embedded.Server) {
	t.Helper()
	u, err := url.Parse(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ports[record+"."+Domain+"."] = uint16(port)
}

// Break has every question fail until Heal.
func (d *DNS) Break() { d.setBroken(true) }

// Heal ends Break.
func (d *DNS) Heal() { d.setBroken(false) }

func (d *DNS) setBroken(broken bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = broken
}

// Asked is how many questions came.
func (d *DNS) Asked() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}

// ServeDNS implements dns.Handler.
func (d *DNS) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	answer := new(dns.Msg)
	answer.SetReply(question)
	if d.broken {
		answer.Rcode = dns.RcodeServerFailure
	} else {
		d.answer(answer, question.Question[0])
	}
	_ = w.WriteMsg(answer) // who gets none asks again
}

func (d *DNS) answer(m *dns.Msg, q dns.Question) {
	header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET}
	host := "nats." + Domain + "."
	port, known := d.ports[q.Name]
	switch {
	case q.Qtype == dns.TypeSRV && known:
		m.Answer = append(m.Answer, &dns.SRV{Hdr: header, Port: port, Target: host})
	case q.Qtype == dns.TypeA && q.Name == host:
		m.Answer = append(m.Answer, &dns.A{Hdr: header, A: net.ParseIP(embedded.Host)})
	case q.Name != host:
		m.Rcode = dns.RcodeNameError
	}
}
