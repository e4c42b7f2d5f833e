package service

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/link"
)

// News is what a Stream has heard.
type News struct {
	Kind    Kind
	Cluster string
	Data    []byte // of an Answer or of Statistics; whoever gets it owns it
	Subject string // of what was Denied
	Publish bool   // a publish was Denied, not a subscription
}

// Kind is a kind of News.
type Kind int

// Kinds of news.
const (
	Answer     Kind = iota // a document of an instance
	Nobody                 // nobody listens for questions
	Statistics             // the document of the original broker
	Denied                 // the server's permissions forbid something
	Refused                // an instance will not answer; Data says why
)

// A Stream asks the same question again and again, and hears each answer when it comes. Ask is for
// one question.
type Stream struct {
	session  *link.Session
	clusters []string
	inbox    string // an answer's last token is the place of its cluster
	hear     func(News)
}

// StatisticsSubject returns where brokers of a cluster publish the statistics document.
func StatisticsSubject(cluster string) string { return "choria.federation." + cluster + ".stats" }

// NewStream listens on a session, which it takes ownership of. hear is called from several
// goroutines, and must not block. It blocks for the server's word on the subscriptions.
func NewStream(ctx context.Context, session *link.Session, clusters []string, hear func(News)) (*Stream, error) {
	s := &Stream{session: session, clusters: clusters, inbox: session.Conn.NewInbox(), hear: hear}
	session.OnDenied(s.denied)
	if err := s.subscribe(ctx); err != nil {
		session.Close()
		return nil, err
	}
	return s, nil
}

// settleTime is how long a server may take to say what it denies.
const settleTime = 5 * time.Second

func (s *Stream) subscribe(ctx context.Context) error {
	subjects := []string{s.inbox + ".*"}
	if _, err := s.session.Conn.Subscribe(subjects[0], s.answered); err != nil {
		return err
	}
	for _, c := range s.clusters {
		subject := StatisticsSubject(c)
		subjects = append(subjects, subject)
		take := func(m *nats.Msg) { s.hear(News{Kind: Statistics, Cluster: c, Data: m.Data}) }
		if _, err := s.session.Conn.Subscribe(subject, take); err != nil {
			return err
		}
	}
	return s.settle(ctx, subjects)
}

// settle waits until the server has taken or denied the subscriptions.
func (s *Stream) settle(ctx context.Context, subjects []string) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	if err := s.session.RoundTrip(ctx); err != nil {
		return err
	}
	if err := s.session.Settle(ctx); err != nil {
		return err
	}
	for i, subject := range subjects {
		if s.session.SubscribeDenied(subject, "") == nil {
			continue
		}
		for j, cluster := range s.clusters {
			if i == 0 || i == j+1 {
				s.hear(News{Kind: Denied, Cluster: cluster, Subject: subject})
			}
		}
	}
	return nil
}

// denied is called with the subject of a publish.
func (s *Stream) denied(subject string) {
	for _, c := range s.clusters {
		if subject == Subject(c, State) {
			s.hear(News{Kind: Denied, Cluster: c, Subject: subject, Publish: true})
		}
	}
}

func (s *Stream) answered(m *nats.Msg) {
	i, err := strconv.Atoi(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:])
	if err != nil || i < 0 || i >= len(s.clusters) {
		return // nobody was told such a subject
	}
	n := News{Kind: Answer, Cluster: s.clusters[i], Data: m.Data}
	switch why := m.Header.Get(headerError); {
	case len(m.Data) == 0 && m.Header.Get("Status") == "503":
		n = News{Kind: Nobody, Cluster: n.Cluster}
	case why != "":
		n = News{Kind: Refused, Cluster: n.Cluster, Data: []byte(why)}
	}
	s.hear(n)
}

// Ask asks all instances of all clusters for their state. It does not wait for answers.
func (s *Stream) Ask() error {
	for i, c := range s.clusters {
		if err := s.session.Conn.PublishRequest(Subject(c, State), s.inbox+"."+strconv.Itoa(i), nil); err != nil {
			return err
		}
	}
	return nil
}

// Members returns the members of the queue group of a cluster, as Members does.
func (s *Stream) Members(ctx context.Context, cluster string) ([]Member, error) {
	return Members(ctx, s.session.Conn, cluster)
}

// Done is closed when the connection has ended.
func (s *Stream) Done() <-chan struct{} { return s.session.Done() }

// Err returns why the connection ended.
func (s *Stream) Err() error { return s.session.Err() }

// URL is the server.
func (s *Stream) URL() string { return s.session.URL() }

// Close ends the connection, and blocks until nothing of it is running.
func (s *Stream) Close() { s.session.Close() }
