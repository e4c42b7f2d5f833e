package lab

import (
	"fmt"
	"strings"

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

// edgePrefix stands before the path of a ledger that is of an edge.
const edgePrefix = "edge "

// disagree says where the books of a relay and of an edge contradict what was seen. A confirmed
// copy must have arrived; one that is not confirmed may have.
func (s seen) disagree(books []record.Ledger) (problems []string) {
	byPath := map[string]record.Ledger{}
	for _, b := range books {
		byPath[b.Path] = b
		if b.Unaccounted != 0 {
			problems = append(problems, fmt.Sprintf("%s itself cannot account for %d on its %s path", who(b), b.Unaccounted, leg(b)))
		}
		if leg(b) == "request" {
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
	problems = append(problems, checkLegs(byPath)...)
	for i := range problems {
		problems[i] = "the books disagree: " + problems[i]
	}
	return problems
}

// checkLegs compares both ends of the line between an edge and a relay.
func checkLegs(books map[string]record.Ledger) (problems []string) {
	edgeRequests, ok1 := books[edgePrefix+"request"]
	requests, ok2 := books["request"]
	if ok1 && ok2 && edgeRequests.Confirmed > requests.Copies {
		problems = append(problems, fmt.Sprintf("the edge confirmed %d targets, and the relay made %d copies", edgeRequests.Confirmed, requests.Copies))
	}
	edgeReplies, ok1 := books[edgePrefix+"reply"]
	replies, ok2 := books["reply"]
	if got := edgeReplies.Received + edgeReplies.Dropped; ok1 && ok2 && got < replies.Confirmed {
		problems = append(problems, fmt.Sprintf("the relay confirmed %d replies, and the edge received %d", replies.Confirmed, got))
	}
	return problems
}

// who names whose ledger it is.
func who(b record.Ledger) string {
	if strings.HasPrefix(b.Path, edgePrefix) {
		return "the edge"
	}
	return "the relay"
}

func leg(b record.Ledger) string { return strings.TrimPrefix(b.Path, edgePrefix) }

// checkReceived compares what a path has received with what was sent to it.
func checkReceived(b record.Ledger, least, most int64) []string {
	switch got := b.Received + b.Dropped; {
	case got < least:
		return []string{fmt.Sprintf("%s received %d messages on its %s path, and %d were sent", who(b), got, leg(b), least)}
	case got > most:
		return []string{fmt.Sprintf("%s received %d messages on its %s path, and only %d were sent", who(b), got, leg(b), most)}
	}
	return nil
}

// checkArrived compares the copies of a path with those that arrived. fanOut is how many arrivals a
// copy has.
func checkArrived(b record.Ledger, least, most, fanOut int64) []string {
	switch {
	case most < b.Confirmed*fanOut:
		return []string{fmt.Sprintf("%s confirmed %d copies on its %s path, and only %d arrived", who(b), b.Confirmed*fanOut, leg(b), most)}
	case least > b.Copies*fanOut:
		return []string{fmt.Sprintf("%s made %d copies on its %s path, and %d arrived", who(b), b.Copies*fanOut, leg(b), least)}
	}
	return nil
}
