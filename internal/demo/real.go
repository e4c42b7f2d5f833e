package demo

import (
	"log/slog"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/pipeline"
)

// realRelay is a carrier that is a relay, and not one of a test.
type realRelay struct {
	*relay.Relay
	cluster string
}

func startReal(c config.Config, log *slog.Logger) (carrier, error) {
	r, err := relay.New(c, relay.Options{Log: log})
	return realRelay{r, c.Cluster}, err
}

// State implements carrier.
func (r realRelay) State() State {
	request, reply := r.Ledgers()
	_, reasons := r.Ready()
	return State{
		NotReady: reasons,
		Books: Books{
			Cluster:          r.cluster,
			Requests:         request.Received,
			Copies:           request.Copies,
			CopiesConfirmed:  request.Fate(pipeline.Confirmed),
			Replies:          reply.Received,
			RepliesConfirmed: reply.Fate(pipeline.Confirmed),
			Rejected:         request.RejectedTotal() + reply.RejectedTotal(),
			IngestDropped:    request.Dropped + reply.Dropped,
			Unaccounted:      r.Unaccounted(),
		},
	}
}
