// Package floor is the least that a relay can do: what the sockets and the server cost, and next to
// nothing besides.
//
// Nothing is validated, and only the first request of each length is decoded. Its frames are kept
// in one buffer. Of every later request of that length only the digits of node and serial numbers
// are copied into them. A reply is copied up to its federation header, in which the reply subject
// is found by a scan.
//
// It only carries the messages of the benchmarks, and it is no example for anything but the price
// of a socket.
package floor
