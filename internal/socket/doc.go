// Package socket is one connection to a NATS server as nats.go does not show it: bytes, frames and PINGs. It knows nothing of
// nats.go, which reads and writes through a [Conn], nor of who logs in.
package socket
