// Package lock holds the mutexes of the data plane to one order.
//
// In a program a Mutex is a sync.Mutex, and nothing else. With the build tag pooldebug it panics
// when a goroutine takes it against the order. A deadlock needs two goroutines at the wrong moment.
// A wrong order is found with one goroutine, at any moment.
//
// The order is in order_debug.go. It goes through all packages, because goroutines do: one that
// reads from a connection may carry what it has read to the write of another connection, and holds
// locks of socket and of natsio all the way. A mutex belongs to a class: the type that has it, or,
// where that has two, a type made for the purpose.
//
// github.com/sasha-s/go-deadlock was tried and found nothing, but it compares two mutexes only
// after it has seen them in both orders. It does not know that all of a class have one order, and
// it counts a TryLock as a Lock. A Conn that writes takes Conn.reading with TryLock, against the
// order.
package lock
