// Package line is a long line on loopback: a proxy that makes whoever connects through it as far
// from a server as a [Shape] says, in round trip, rate and loss. It counts the bytes each way.
//
// To the kernel both ends are near. So the proxy also does what TCP does on a long way: a
// connection begins with ten segments, doubles what it has under way with each round trip, halves
// it when something is lost or the queue is full, and begins anew when it has rested. It does so as
// Reno does, in virtual time, and then waits until the bytes are due. Shape.Window is the limit
// that the buffers of two machines set.
//
// All connections of a line share its rate, in each direction for itself, first come, first served.
// The shape of a line, not the proxy, should be what takes time: above some 2 Gbit/s that is not
// so.
//
// Linux has a better one, netem, where the kernel has that module and one is root. Put the server
// into a namespace of its own (ip netns add far), join it to ours by a pair of interfaces (veth),
// and give both ends `tc qdisc replace dev ... root netem delay 50ms rate 100mbit`. This package
// needs neither.
package line
