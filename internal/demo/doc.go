// Package demo is what fedrelay-demo runs: a whole federation in one process, on loopback, without
// settings.
//
//	client ==> federation ==> relay london ==> london ==> 1,000 nodes
//	                      ==> relay tokyo  ==> tokyo  ==> 1,000 nodes
//
// The servers are real nats-servers and the relays are real relays; nodes and client are those of
// internal/fleet. The client names every cluster, so each relay publishes every target, also those
// that live elsewhere: that is how a federated client works. What arrived is counted where it
// arrived.
package demo
