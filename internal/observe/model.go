package observe

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// A Model keeps what has been heard. All methods may be called from any goroutine.
type Model struct {
	// Set by NewModel, then read-only.
	interval time.Duration
	now      func() time.Time

	// Guarded by mu.
	mu         sync.Mutex
	clusters   []*cluster
	connection Connection
}

// A cluster is what has been heard of one cluster.
type cluster struct {
	name       string
	members    []*member
	named      map[string][]*member // members by name
	bytes      int                  // of all members, as size says
	most       int                  // bytes
	evicted    int64                // members that were forgotten because there were more
	history    []Sample
	asked      time.Time         // first; zero before
	nobody     bool              // nobody listened when it was asked last
	denied     map[string]string // what to do about it, by subject
	unreadable int64             // documents
	refusal    string            // why an instance did not answer, last
	group      []service.Member  // of the queue group
	grouped    time.Time         // when group was found out
}

const (
	historyLength = 240
	mostMembers   = 20_000 // of a cluster: whoever may answer may invent names
	mostAlike     = 100    // with one name, which are compared with each other
)

// NewModel returns a model of clusters, which are asked once in an interval. now is the clock.
func NewModel(clusters []string, interval time.Duration, now func() time.Time) *Model {
	m := &Model{interval: interval, now: now}
	for _, name := range clusters {
		m.clusters = append(m.clusters, &cluster{name: name, most: mostKept, denied: map[string]string{}, named: map[string][]*member{}})
	}
	return m
}

// Hear takes news.
func (m *Model) Hear(n service.News) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.clusters, func(c *cluster) bool { return c.name == n.Cluster })
	if i < 0 {
		return
	}
	c := m.clusters[i]
	switch n.Kind {
	case service.Nobody:
		c.nobody = true
	case service.Denied:
		c.denied[n.Subject] = deniedAdvice(n)
	case service.Refused:
		c.nobody, c.refusal = false, Printable(string(n.Data))
	case service.Answer:
		c.nobody = false
		m.hearInstance(c, n.Data)
	case service.Statistics:
		m.hearStatistics(c, n.Data)
	}
}

// HearGroup takes the members of the queue group of a cluster.
func (m *Model) HearGroup(cluster string, members []service.Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.clusters {
		if c.name == cluster {
			c.group, c.grouped = members, m.now()
		}
	}
}

// names returns the names of all clusters.
func (m *Model) names() (names []string) {
	for _, c := range m.clusters { // set by NewModel
		names = append(names, c.name)
	}
	return names
}

func (m *Model) hearInstance(c *cluster, data []byte) {
	var i state.Instance
	if len(data) > largest || excessive(data) || json.Unmarshal(data, &i) != nil || i.Cluster != c.name || overgrown(i) {
		c.unreadable++
		return
	}
	purify(&i)
	kind := Relay
	if i.Edge {
		kind = Edge
	}
	if mb := c.member(i.Identity, i.Started, kind, m.now()); mb != nil {
		mb.hearInstance(i, m.now())
		c.weigh(mb)
	}
}

// hearStatistics takes the document of a broker. Relays publish it, too: those that answer
// questions say more that way.
func (m *Model) hearStatistics(c *cluster, data []byte) {
	s, ok := readStatistics(c.name, data)
	if !ok {
		c.unreadable++
		return
	}
	answers := func(mb *member) bool { return mb.kind != Broker }
	if slices.ContainsFunc(c.named[s.Instance], answers) {
		return
	}
	if mb := c.member(s.Instance, time.Unix(s.StartTime, 0).UTC(), Broker, m.now()); mb != nil {
		mb.hearStatistics(s, m.now())
		c.weigh(mb)
	}
}

// member returns the member with a name and a start, a new one if need be, or nil if there are too
// many.
func (c *cluster) member(name string, started time.Time, kind string, now time.Time) *member {
	for _, mb := range c.named[name] {
		if mb.kind == kind && mb.started.Equal(started) {
			return mb
		}
	}
	isBroker := func(mb *member) bool { return mb.name == name && mb.kind == Broker }
	if kind != Broker && len(c.named[name]) > 0 {
		c.forget(isBroker)
	}
	if len(c.members) >= mostMembers || len(c.named[name]) >= mostAlike {
		return nil
	}
	mb := &member{name: name, kind: kind, started: started, first: now}
	c.members = append(c.members, mb)
	c.named[name] = append(c.named[name], mb)
	return mb
}

func (c *cluster) forget(whom func(*member) bool) {
	if !slices.ContainsFunc(c.members, whom) {
		return
	}
	c.members = slices.DeleteFunc(c.members, whom)
	clear(c.named)
	c.bytes = 0
	for _, mb := range c.members {
		c.named[mb.name] = append(c.named[mb.name], mb)
		c.bytes += mb.bytes
	}
}

// Asked notes that all clusters have been asked.
func (m *Model) Asked() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.clusters {
		if c.asked.IsZero() {
			c.asked = m.now()
		}
	}
}

// Connected notes that there is a connection, to url.
func (m *Model) Connected(url string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.connection = Connection{Up: true, URL: url, Since: m.now()}
}

// Disconnected notes why there is no connection.
func (m *Model) Disconnected(why error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.connection.Up || m.connection.Since.IsZero() {
		m.connection.Since = m.now()
	}
	m.connection.Up, m.connection.Error = false, ""
	if why != nil {
		m.connection.Error = Printable(why.Error())
	}
	for _, c := range m.clusters {
		clear(c.denied) // the login may have other rights next time
		c.nobody, c.group, c.refusal = false, nil, ""
	}
}

// ForgetSilent forgets all members that are silent.
func (m *Model) ForgetSilent() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	for _, c := range m.clusters {
		c.forget(func(mb *member) bool { return mb.silent(now, m.interval) > 0 })
	}
}

// Tick ends a moment: it adds a Sample to the history of each cluster. Call it once in an interval.
func (m *Model) Tick() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.clusters {
		c.tick(m.now(), m.interval)
	}
}

func (c *cluster) tick(now time.Time, interval time.Duration) {
	c.forget(func(mb *member) bool { return c.replaced(mb) && now.Sub(mb.heard) > time.Minute })
	s := Sample{At: now}
	for _, mb := range c.members {
		request, reply := mb.moment()
		if mb.silent(now, interval) == 0 {
			s.Request, s.Reply = s.Request.plus(request), s.Reply.plus(reply)
		}
	}
	c.history = append(c.history, s)
	c.history = c.history[max(0, len(c.history)-historyLength):]
}

// replaced reports whether a member has been started anew: another one has its name, and has been
// heard first after the last word of mb.
func (c *cluster) replaced(mb *member) bool {
	return slices.ContainsFunc(c.named[mb.name], func(o *member) bool {
		return o != mb && o.kind == mb.kind && o.started.After(mb.started) && o.first.After(mb.heard)
	})
}

func (m Moment) plus(o Moment) Moment {
	return Moment{m.Received + o.Received, m.Sent + o.Sent, m.Latency.Add(o.Latency)}
}
