package relay

import (
	"context"
	"fmt"
	"slices"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/natsio"
	"github.com/fedrelay/fedrelay/pipeline"
)

// A lane is a publisher, and the link that keeps a connection for it.
type lane struct {
	number    int // from 1; it is in the name of the connection
	publisher *natsio.Publisher
	link      *link.Link

	end   context.CancelFunc // makes the link leave its server; set by newLane
	ctx   context.Context    // ended by end
	ended chan struct{}      // closed when the link has ended
}

// newLane returns a lane without a link, which does nothing until run.
func (p *path) newLane(number int) *lane {
	l := &lane{
		number:    number,
		publisher: natsio.NewPublisher(p.publishing),
		ended:     make(chan struct{}),
	}
	l.ctx, l.end = context.WithCancel(context.Background())
	return l
}

// run keeps a connection for the lane, and blocks, until ctx ends or end is called.
func (l *lane) run(ctx context.Context) {
	defer close(l.ended)
	stop := context.AfterFunc(ctx, l.end)
	defer stop()
	l.link.Run(l.ctx)
}

// role names the connection of a lane for the connection lists of its server.
func (l *lane) role() string {
	if l.number == 1 {
		return "publish"
	}
	return fmt.Sprintf("publish %d", l.number)
}

// firstLanes returns how many lanes a path has when it starts.
func firstLanes(c config.Config) int {
	if c.IsEdge() {
		return 1 // its subjects are few
	}
	return max(1, int(c.Pipeline.Lanes))
}

// inUse returns the lanes that carry copies, at least one. The caller must not change the slice. A
// later call may return others.
func (p *path) inUse() []*lane { return *p.lanes.Load() }

// idlers returns the lanes that run and carry nothing: those that come up, and those that leave.
func (p *path) idlers() []*lane { return *p.beside.Load() }

// allLanes returns the lanes in use and the idlers.
func (p *path) allLanes() []*lane { return slices.Concat(p.inUse(), p.idlers()) }

// publishersOf returns the publishers of lanes as the pipeline wants them.
func publishersOf(lanes []*lane) (all []pipeline.Publisher) {
	for _, l := range lanes {
		all = append(all, l.publisher)
	}
	return all
}

// up reports whether the lane has a connection whose server answers.
func (l *lane) up() bool { return l.publisher.Up() && !l.publisher.Suspected() }

// sized reports whether the number of lanes follows the number of nodes. That of the reply path
// does not: few clients get all replies, so there are few subjects.
func (p *path) sized(c config.Config) bool {
	return c.Pipeline.Lanes == config.LanesAuto && p.to == link.Collective
}
