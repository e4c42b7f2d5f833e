package pipeline_test

import (
	"runtime"
	"testing"
	"testing/synctest"
)

// bubble runs a test in a bubble of synctest. Channels may not leave it, and pooled batches have one: they go with the
// second collection.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	forgetBatches()
	defer forgetBatches()
	synctest.Test(t, test)
}

func forgetBatches() {
	runtime.GC()
	runtime.GC()
}
