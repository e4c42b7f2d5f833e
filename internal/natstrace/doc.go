// Package natstrace asks NATS servers which way a message would take, by their message tracing: a
// message with the headers Nats-Trace-Dest and Nats-Trace-Only. Each server that the message enters
// says where it came from and to whom it would go, and nobody gets it.
//
//	result, err := natstrace.Trace(ctx, nc, "mcollective.node.web1.example.net")
//
// # Never where it would be delivered
//
// Servers before 2.11 do not know the headers and deliver the message to whoever subscribes. So
// [Trace] publishes only on a connection whose server says that it is new enough, and that does not
// reconnect: link.Single makes such. Servers further away that are older are no danger, because the
// last new one in front of them keeps the message. Their egress has an error, then.
//
// # Rights
//
// The login must be allowed to subscribe to an inbox of its own, and also to publish to it: the
// servers answer in its name. Logins that nobody has tuned for this often lack the second right.
// The server then drops the message and says so, and Trace returns an [InboxError]. The subject
// itself needs no right: if it is denied, the result says so.
//
// # What a result does not say
//
// Of a queue group one member is named, as one would get the message. Asking again may name
// another. A trace ends where a service of another account is imported, unless that allows traces.
// "Nobody" then is no answer, and Result.Found is [Unknown].
package natstrace
