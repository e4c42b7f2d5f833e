package link

import (
	"encoding/json"
	"math"
	"testing"
)

// A JWT may say milliseconds where seconds are wanted. Documents that tell when it ends must remain
// what JSON can write: the page for browsers panics otherwise.
func TestTheEndOfALoginCanBeWrittenAsJSON(t *testing.T) {
	for _, seconds := range []int64{0, 1, 1_893_456_000_000, math.MaxInt64, math.MinInt64} {
		if _, err := json.Marshal(unixTime(seconds)); err != nil {
			t.Errorf("%d: %v", seconds, err)
		}
	}
}
