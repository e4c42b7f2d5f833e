package lab

import (
	"fmt"

	"github.com/fedrelay/fedrelay/internal/record"
)

// passed is how much had passed client and nodes by a certain time, faults included.
type passed struct {
	messages int64 // published by the client
	arrived  int64 // copies at nodes
	answered int64 // replies published by nodes
	replies  int64 // at the client
}

// seen is what client and nodes saw of a run. Nodes that answer late do so also after the books of
// the relay have been read. So what the books should say lies between two counts.
type seen struct {
	before, after passed
	fanOut        int64 // nodes that hear one copy: 1 of a directed request
	nodes         bool  // whether arrived and answered are known
}

// disagree says where the books of a relay contradict what was seen. A confirmed copy must have
// arrived; one that is not confirmed may have.
func (s seen) disagree(books []record.Ledger) (problems []string) {
	for _, b := range books {
		if b.Unaccounted != 0 {
			problems = append(problems, fmt.Sprintf("the relay itself cannot account for %d on its %s path", b.Unaccounted, b.Path))
		}
		if b.Path == "request" {
			problems = append(problems, checkReceived(b, s.before.messages, s.after.messages)...)
			if s.nodes {
				problems = append(problems, checkArrived(b, s.before.arrived, s.after.arrived, s.fanOut)...)
			}
			continue
		}
		if s.nodes {
			problems = append(problems, checkReceived(b, s.before.answered, s.after.answered)...)
		}
		problems = append(problems, checkArrived(b, s.before.replies, s.after.replies, 1)...)
	}
	for i := range problems {
		problems[i] = "the books disagree: " + problems[i]
	}
	return problems
}

// checkReceived compares what a path has received with what was sent to it.
func checkReceived(b record.Ledger, least, most int64) []string {
	switch got := b.Received + b.Dropped; {
	case got < least:
		return []string{fmt.Sprintf("the relay received %d messages on its %s path, and %d were sent", got, b.Path, least)}
	case got > most:
		return []string{fmt.Sprintf("the relay received %d messages on its %s path, and only %d were sent", got, b.Path, most)}
	}
	return nil
}

// checkArrived compares the copies of a path with those that arrived. fanOut is how many arrivals a
// copy has.
func checkArrived(b record.Ledger, least, most, fanOut int64) []string {
	switch {
	case most < b.Confirmed*fanOut:
		return []string{fmt.Sprintf("the relay confirmed %d copies on its %s path, and only %d arrived", b.Confirmed*fanOut, b.Path, most)}
	case least > b.Copies*fanOut:
		return []string{fmt.Sprintf("the relay made %d copies on its %s path, and %d arrived", b.Copies*fanOut, b.Path, least)}
	}
	return nil
}
