package pipeline

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// The race detector knows whether both sides ever use the log at the same time, or without seeing
// what the other one wrote.
func TestOnlyTheHolderOfTheBatonWorks(t *testing.T) {
	const pieces = 20_000
	var b baton
	var log []int // without a lock
	queue := make(chan int, 3)
	var stage sync.WaitGroup
	stage.Go(func() {
		for piece := range queue {
			log = append(log, piece)
			b.done()
		}
	})
	random, atOnce := rand.New(rand.NewPCG(1, 1)), 0
	for piece := range pieces {
		if b.withCaller() && random.IntN(4) > 0 {
			log = append(log, piece)
			atOnce++
			continue
		}
		b.pass()
		queue <- piece
	}
	close(queue)
	stage.Wait()
	if atOnce == 0 || atOnce == pieces {
		t.Errorf("the caller did %d of %d pieces", atOnce, pieces)
	}
	for i, piece := range log {
		if i != piece {
			t.Fatalf("piece %d was done in place of %d", piece, i)
		}
	}
	if len(log) != pieces {
		t.Errorf("%d of %d pieces were done", len(log), pieces)
	}
}
