// Package bare speaks the NATS client protocol over a plain socket: no callbacks, no goroutines, no
// allocation a message. It reads and writes with raw system calls. With TLS it has a buffer between
// TLS and the socket each way.
//
// The benchmarks send and receive with it so that they measure relays instead of themselves, and
// the floor relay is built on it. It is not a client for anything else: no credentials, no
// reconnect, no headers.
package bare
