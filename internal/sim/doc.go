// Package sim runs whole relays between embedded nats-servers, in virtual time, over connections
// that fail as a seed says. It has no code outside its tests.
//
// A scenario (scenario_test.go) is a bubble of testing/synctest with everything inside: the
// servers, simulated nodes and clients on connections that never fail, and one relay whose
// connections come from a network (network_test.go) that delays, slows, stalls, cuts, loses and
// splits what passes (plan_test.go). When the faults stop, the relay must become ready and carry
// again within a bounded virtual time, and its books must agree with what the servers were given
// and what nodes and clients got (oracle_test.go). Two tests use it: TestSimulation throws faults
// by seed (in one scenario of three, lanes come and go), and TestEveryOperationFailsOnce has the
// n-th read or write of each connection fail, for every n.
//
//	go test ./internal/sim                                   some hundred scenarios, and all seeds
//	go test ./internal/sim -run TestSimulation -seed=17      one scenario again
//	go test ./internal/sim -run TestSimulation -scenarios=5000 -first=100000
//	go test ./internal/sim -race -run TestEveryOperationFailsOnce -every-operation
//
// With -v they list what the scenarios have met; a run of a few hundred fails where some fault
// never happened, or led to nothing. -log shows the relay's log in virtual time.
//
// Nothing here knows how the relay reads and writes: a scenario sees relay.New, Run and the books,
// and the bytes on the wire. What the bytes prove is the judge (books_test.go): a PONG that the
// relay has read behind a copy, a message that it has read to its end.
//
// A seed fixes the faults and the load, not the order in which Go runs goroutines: add -count=50 to
// meet a rare one again.
//
// # Virtual time and mutexes
//
// The clock of a bubble moves on when all its goroutines are blocked. To testing/synctest one that
// waits for a mutex is not. Under back-pressure a connection is blocked in a write, and others wait
// for the mutex that it holds: the clock would stop for ever. So the tests have the runtime count
// mutexes, too. internal/fedtest/bubble.go says how and with which versions of Go; with others
// these tests are skipped.
package sim
