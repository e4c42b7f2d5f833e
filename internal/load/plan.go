package load

import (
	"errors"
	"time"
)

// Plan says when requests are asked. With a Rate, request n is planned n/Rate seconds after the
// start; in a Burst all are planned at once; in a ClosedLoop each is planned when the one before it
// is complete or timed out.
type Plan struct {
	Rate       float64 // requests a second
	Burst      bool
	ClosedLoop bool

	// Requests and Duration end the run, whichever comes first. 0 is no limit; one of them is
	// needed, and a Burst needs Requests.
	Requests int
	Duration time.Duration
}

// Check returns an error if something is missing or too much.
func (p Plan) Check() error {
	kinds := 0
	for _, chosen := range []bool{p.Rate > 0, p.Burst, p.ClosedLoop} {
		if chosen {
			kinds++
		}
	}
	switch {
	case p.Rate < 0 || p.Rate > 1e6:
		return errors.New("the rate is 0 to 1000000 requests a second")
	case kinds != 1:
		return errors.New("a run has a rate, or is a burst, or goes in a closed loop")
	case p.Requests < 0 || p.Duration < 0 || p.Requests == 0 && p.Duration == 0:
		return errors.New("a run needs a number of requests or a duration")
	case p.Burst && p.Requests == 0:
		return errors.New("a burst needs a number of requests")
	}
	return nil
}

// plannedAt is when request n is planned, from the start. In a closed loop that is now. It returns
// false after the last request.
func (p Plan) plannedAt(n int, now time.Duration) (time.Duration, bool) {
	var planned time.Duration
	switch {
	case p.ClosedLoop:
		planned = now
	case p.Rate > 0:
		planned = time.Duration(float64(n) / p.Rate * float64(time.Second))
	}
	if p.Requests > 0 && n >= p.Requests || p.Duration > 0 && planned >= p.Duration {
		return 0, false
	}
	return planned, true
}
