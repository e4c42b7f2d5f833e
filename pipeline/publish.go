package pipeline

import "sync"

// publish hands every egress to the publisher of its lane and returns when all lanes have ended.
func (p *Pipeline) publish(lanes []chan *Egress) {
	var wg sync.WaitGroup
	for i, in := range lanes {
		wg.Go(func() {
			for e := range in {
				p.Publishers[i].Publish(e)
				p.freeEgress(e)
			}
		})
	}
	wg.Wait()
}
