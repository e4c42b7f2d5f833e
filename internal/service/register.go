package service

import (
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/fedrelay/fedrelay/internal/state"
)

// Questions of one verb that may wait, and their bytes. Further ones are dropped.
const (
	mostWaiting      = 64
	mostWaitingBytes = 1 << 20
)

// register registers one instance, as far as the login may.
func (v *visit) register(i Instance) error {
	if !v.registers {
		return v.subscribe(i)
	}
	service, err := micro.AddService(v.session.Conn, micro.Config{
		Name: Name, Version: semver(v.server.options.Version), Description: "fedrelay of cluster " + i.Cluster,
		Metadata:     map[string]string{"cluster": i.Cluster, "identity": i.Identity, "version": v.server.options.Version},
		StatsHandler: digestOf(i),
	})
	if err != nil || !v.answers[i.Cluster] {
		return err
	}
	for _, verb := range Verbs() {
		handler := micro.HandlerFunc(func(r micro.Request) {
			v.handle(i, verb, question{r.Data(), r.Reply(), accepts(r.Headers().Get(headerAccept))})
		})
		err := service.AddEndpoint(verb, handler, micro.WithEndpointSubject(Subject(i.Cluster, verb)),
			micro.WithEndpointQueueGroupDisabled(), micro.WithEndpointPendingLimits(mostWaiting, mostWaitingBytes))
		if err != nil {
			return err
		}
	}
	return nil
}

// subscribe makes the subscriptions of an instance that may not be a micro service.
func (v *visit) subscribe(i Instance) error {
	if !v.answers[i.Cluster] {
		return nil
	}
	for _, verb := range Verbs() {
		sub, err := v.session.Conn.Subscribe(Subject(i.Cluster, verb), func(m *nats.Msg) {
			v.handle(i, verb, question{m.Data, m.Reply, accepts(m.Header.Get(headerAccept))})
		})
		if err == nil {
			err = sub.SetPendingLimits(mostWaiting, mostWaitingBytes)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A digest is what nats service info shows of an instance.
type digest struct {
	Cluster  string   `json:"cluster"`
	Identity string   `json:"identity"`
	Version  string   `json:"version"`
	Ready    bool     `json:"ready"`
	Reasons  []string `json:"reasons,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	Request  counts   `json:"request"`
	Reply    counts   `json:"reply"`
}

type counts struct {
	Received int64            `json:"received"` // messages
	Sent     int64            `json:"sent"`     // copies
	Rejected map[string]int64 `json:"rejected,omitempty"`
	Fates    map[string]int64 `json:"fates,omitempty"`
}

// digestLasts is for how long a digest is shown again. Questions to $SRV do not wait for turns.
const digestLasts = 200 * time.Millisecond

// digestOf returns the function that micro calls for each endpoint. Only the first has data, so
// that they are shown once.
func digestOf(i Instance) micro.StatsHandler {
	var mu sync.Mutex
	var made time.Time
	var last digest
	return func(e *micro.Endpoint) any {
		if e.Name != State {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if time.Since(made) > digestLasts {
			last, made = newDigest(i.Source.Instance()), time.Now()
		}
		return last
	}
}

func newDigest(now state.Instance) digest {
	return digest{
		now.Cluster, now.Identity, now.Version, now.Ready, now.Reasons, now.Warnings,
		countsOf(now.Request), countsOf(now.Reply),
	}
}

func countsOf(p state.Path) counts { return counts{p.Received, p.Sent(), p.Rejected, p.Fates} }

var (
	release = regexp.MustCompile(`^v?((0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*))$`)
	notMeta = regexp.MustCompile(`[^0-9A-Za-z-]+`)
)

// semver returns a version in the form that micro wants. What is no release becomes the metadata of
// version 0.0.0.
func semver(version string) string {
	if r := release.FindStringSubmatch(version); r != nil {
		return r[1]
	}
	if meta := strings.Trim(notMeta.ReplaceAllString(version, "-"), "-"); meta != "" {
		return "0.0.0+" + meta
	}
	return "0.0.0"
}
