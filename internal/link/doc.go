// Package link keeps connections to NATS: it finds servers, logs in, notices every way a connection can end, and makes
// another. It knows nothing of what is sent over them.
package link
