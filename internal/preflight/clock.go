package preflight

import (
	"time"
)

const (
	// skewToWarn and skewToFail are how far the clocks may be apart. A Choria request lives for a
	// minute, unless its client says otherwise.
	skewToWarn = 5 * time.Second
	skewToFail = 50 * time.Second
	// endsSoon is how long before the end of a login to warn.
	endsSoon = 30 * 24 * time.Hour
)

// clock compares the clock of this host with that of the server, which the answer to the question
// about the login brings along.
func (s *side) clock() {
	if !s.login.Clock {
		return
	}
	ahead := s.login.Ahead - s.o.clockOff
	apart := ahead.Abs() - s.login.Unsure
	level := OK
	switch {
	case apart >= skewToFail:
		level = Critical
	case apart >= skewToWarn:
		level = Warning
	}
	if level == OK {
		s.add(idClock, OK, "the clock agrees with the server's")
		return
	}
	way := "ahead of"
	if ahead > 0 {
		way = "behind"
	}
	c := s.add(idClock, level, "the clock of this host is %s %s that of server %s: requests live for a minute by the clocks of nodes, certificates and tokens end by ours",
		ahead.Abs().Round(time.Second), way, s.place.ServerName)
	c.Fix = []string{"synchronise both with NTP: timedatectl, chronyc tracking"}
}

// ends enters when the server will end the login.
func (s *side) ends() {
	if s.login.Ends.IsZero() {
		return
	}
	left := time.Until(s.login.Ends)
	if left < endsSoon {
		s.add(idEnds, Warning, "the server ends this login on %s, in %s; renew the credentials before",
			s.login.Ends.UTC().Format("2006-01-02 15:04 UTC"), left.Round(time.Minute))
	}
}
