// Package floor is the least that a relay can do: what the sockets and the server cost, and next to nothing besides.
//
// Nothing is decoded or validated. On the request path the frames of a request lie in one prebuilt buffer, made when a request of
// its length came for the first time; only the digits of the node numbers and the serial number are copied into it. On the reply
// path each payload is moved into a PUB up to the quote that ends its data, the headers with a scan for the saved reply subject.
//
// It only carries the messages of the benchmarks, and it is no example for anything but the price of a socket.
package floor
