// Package web shows relays to people: a page for browsers, and the data behind it.
//
// All of it is read only. The page is made of files that are part of the program. It loads nothing
// else, and its policy forbids it to.
//
// # Data
//
//	/api/v1/state    Document: what package state says of each instance, and recent requests
//	/api/v1/request  ?id=ID: state.Request of each instance that knows of it, a list
//	/api/v1/events   ?cluster=NAME&request=ID: server-sent events; ID latest follows the newest
//
// Events are "state" once a second, "requests" and "rejections" when they have changed, and "grid"
// up to four times a second while replies to the watched request come in.
//
// # What it costs
//
// While nobody listens nothing runs. While somebody does, one goroutine samples for all: a browser
// has no queue and no copy of anything. It is told what is new when it is ready for it, and what
// has changed twice by then is told once. A browser that takes nothing for writePatience is cut
// off, and each one is after lifetime: those that live come back.
//
// Reading the cells of watched requests takes half a per cent of a CPU at most (gridShare): large
// ones are read less often.
//
// A watched request costs 5 bytes for each target while it is watched: the mark of its name and its
// cell. At most maxClients are watched. On the way to a browser it costs the names once; then 2
// bits for each cell in a whole grid, or 2 to 4 bytes for each cell that has changed, in base64. A
// browser keeps the names, and a byte for each cell.
//
// # Locks
//
// hub.mu guards all that the sampler and the browsers share. No source is asked while it is held.
package web
