// Package pool lends byte buffers that are shared by counting references.
//
// # Ownership
//
// [Pool.Get] lends a [Buffer] with one reference. [Buffer.Retain] adds one for a second owner, [Buffer.Release] gives one
// back; the last Release returns the memory. A Release too many is a bug in the caller and panics.
//
// A pool knows how many of its buffers are lent: [Pool.InUse] is 0 when nothing is in flight, which every test that makes
// a pool asserts at its end.
//
// # Looking for bugs
//
// Buffers are used again, so a Release too many that comes late may hit the next owner instead of panicking, and a late
// reader may see another message. Built with the tag pooldebug, a returned buffer is overwritten and never lent again:
// then every Release too many panics, and every late reader sees bytes that make no sense.
package pool
