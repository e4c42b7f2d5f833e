package service_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// patience is for answers that come; tests wait for it only where none is to come.
const patience = 300 * time.Millisecond

func TestAllInstancesAnswer(t *testing.T) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	for _, name := range []string{"relay1", "relay2"} {
		c := n.Config()
		c.Identity = name
		fedtest.StartProcess(t, c, nil)
	}
	s, err := service.Connect(t.Context(), config.Side{Servers: []string{n.Federation.ClientURL()}}, "operator")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var names []string
	fedtest.Within(t, fedtest.Patience, 10*time.Millisecond, "both answer", func() bool {
		names = nil
		all, err := service.Ask[state.Instance](context.Background(), s.Conn, fedtest.Cluster, service.State, nil, patience)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range all {
			names = append(names, i.Identity)
		}
		slices.Sort(names)
		return len(names) == 2
	})
	if !slices.Equal(names, []string{"relay1", "relay2"}) {
		t.Error(names)
	}
}
