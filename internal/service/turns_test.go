package service

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Answers of 10 ms each get a tenth of the time, after a burst.
func TestAnswersTakeATenthOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		began, answers := time.Now(), 0
		for time.Since(began) < 10*time.Second {
			if !all.wait(t.Context()) {
				t.Fatal("no time")
			}
			<-time.After(10 * time.Millisecond)
			all.took(10 * time.Millisecond)
			answers++
		}
		if answers < 110 || answers > 130 { // 100, and 20 of the burst
			t.Errorf("%d answers", answers)
		}
		all.took(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if all.wait(ctx) {
			t.Error("there was time")
		}
	})
}
