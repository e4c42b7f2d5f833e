package service_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/natstest"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// Each answer is small on the wire and within the limit for one. Together they must not fill the
// memory of who has asked.
func TestManyAnswersThatUnfoldAreBounded(t *testing.T) {
	w := newWorld(t, all)
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	fmt.Fprintf(z, `{"schema":1,"identity":"a"%s}`, strings.Repeat(" ", 100_000))
	natstest.Succeeds(t, z.Close())
	stranger := fedtest.Connect(t, w.server, nats.UserInfo("operator", "pw"))
	_, err := stranger.Subscribe("choria.federation.london.fedrelay.state", func(m *nats.Msg) {
		for n := range 6 {
			h := nats.Header{"Fedrelay-Schema": {"1"}, "Fedrelay-Instance": {fmt.Sprint(n)}, "Content-Encoding": {"gzip"}}
			if err := stranger.PublishMsg(&nats.Msg{Subject: m.Reply, Header: h, Data: bomb.Bytes()}); err != nil {
				t.Error(err)
			}
		}
	})
	natstest.Succeeds(t, err)
	natstest.Succeeds(t, stranger.Flush())
	ctx, cancel := context.WithCancel(t.Context())
	odd := 0
	refused := service.OnOdd(func(error) {
		if odd++; odd == 3 {
			cancel() // that was the last answer
		}
	})
	got, err := service.Ask[state.Instance](ctx, w.operator().Conn, fedtest.Cluster, service.State, nil, fedtest.Patience, service.Room(350_000), refused)
	if len(got) != 3 || odd != 3 {
		t.Errorf("%d answers are kept, %d are refused, %v", len(got), odd, err)
	}
}
