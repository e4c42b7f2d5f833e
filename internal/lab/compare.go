package lab

import (
	"fmt"

	"github.com/fedrelay/fedrelay/internal/record"
)

// seen is what nodes and client saw of a run, faults included.
type seen struct {
	messages int64 // published by the client
	arrived  int64 // copies at nodes
	answered int64 // replies published by nodes
	replies  int64 // at the client
	fanOut   int64 // nodes that hear one copy: 1 of a directed request
	nodes    bool  // whether arrived and answered are known
}

// disagree says where a relay's books and what was seen contradict each other. A copy that the relay calls confirmed has
// arrived; one that it could not confirm may have.
func (s seen) disagree(books []record.Ledger) (problems []string) {
	say := func(format string, args ...any) {
		problems = append(problems, "the books disagree: "+fmt.Sprintf(format, args...))
	}
	for _, b := range books {
		if b.Unaccounted != 0 {
			say("the relay itself cannot account for %d on its %s path", b.Unaccounted, b.Path)
		}
		in, out, factor := s.answered, s.replies, int64(1)
		known := s.nodes
		if b.Path == "request" {
			in, out, factor, known = s.messages, s.arrived, s.fanOut, true
		}
		if known && b.Received+b.Dropped != in {
			say("the relay received %d messages on its %s path, and %d were sent", b.Received+b.Dropped, b.Path, in)
		}
		if b.Path == "request" && !s.nodes {
			continue
		}
		if out < b.Confirmed*factor {
			say("the relay confirmed %d copies on its %s path, and only %d arrived", b.Confirmed*factor, b.Path, out)
		}
		if out > b.Copies*factor {
			say("the relay made %d copies on its %s path, and %d arrived", b.Copies*factor, b.Path, out)
		}
	}
	return problems
}
