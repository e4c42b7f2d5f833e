// Package compact reads and writes compact messages: a request to any number of nodes as one
// message, and any number of replies as one message.
package compact
