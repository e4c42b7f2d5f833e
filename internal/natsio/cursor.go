package natsio

import "github.com/fedrelay/fedrelay/pipeline"

// A cursor is a place in an egress: the index of a message, and that of one of its copies.
type cursor struct{ message, copy int }

// end reports whether c is behind the last copy of e.
func (c cursor) end(e *pipeline.Egress) bool { return c.message == len(e.Messages) }

// advance moves c by n copies.
func (c *cursor) advance(e *pipeline.Egress, n int) {
	for n > 0 {
		left := e.Messages[c.message].Copies() - c.copy
		if n < left {
			c.copy += n
			return
		}
		n -= left
		*c = cursor{message: c.message + 1}
	}
}

// skip moves c to the next message, and returns how many copies it leaves out.
func (c *cursor) skip(e *pipeline.Egress) int {
	n := e.Messages[c.message].Copies() - c.copy
	*c = cursor{message: c.message + 1}
	return n
}
