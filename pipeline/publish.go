package pipeline

import "sync"

// publish runs the lanes and returns when all have ended.
func (p *Pipeline) publish() {
	var wg sync.WaitGroup
	for _, l := range p.fan.lanes {
		wg.Go(l.run)
	}
	wg.Wait()
}
