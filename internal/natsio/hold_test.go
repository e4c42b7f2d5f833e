package natsio

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/fedrelay/fedrelay/pipeline"
)

func TestHoldKeepsThePipelineStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newTester(10)
		called := func() { t.Error("called") }
		if r.Hold(called) {
			t.Error("held before the pipeline runs")
		}
		ran := make(chan struct{})
		go func() {
			defer close(ran)
			r.Run(context.Background(), r)
		}()
		synctest.Wait()

		deliver := func() { r.deliver(t.Context(), pipeline.NewBatch()) }
		held := r.Hold(func() {
			go deliver()
			select {
			case <-r.taken:
				t.Error("a batch was taken meanwhile")
			default:
			}
		})
		if !held {
			t.Error("not held")
		}
		synctest.Wait() // for deliver, which is in Take
		if r.Hold(called) {
			t.Error("held while a batch is being taken")
		}
		(<-r.taken).Free()
		synctest.Wait()
		if !r.Hold(func() {}) {
			t.Error("not held after a batch was taken")
		}
		r.Close()
		<-ran
		if r.Hold(called) {
			t.Error("held after the end")
		}
	})
}
