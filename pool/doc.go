// Package pool lends byte buffers that are shared by counting references, and knows to the byte how much it has lent.
//
// # Ownership
//
// [Pool.Get] lends a [Buffer] with one reference. [Buffer.Retain] adds one for a second owner, [Buffer.Release] gives one
// back; the last Release returns the memory. A Release too many is a bug in the caller and panics. The sole owner writes:
// it appends, and calls [Buffer.Grow] first so that appending stays within memory of the pool. With a second owner the
// bytes are read-only.
//
// A pool knows how many of its buffers are lent: [Pool.InUse] is 0 when nothing is in flight, which every test that makes
// a pool asserts at its end.
//
// # Classes
//
// Memory comes in classes of 4 KiB, 16 KiB, 64 KiB, 256 KiB and 1 MiB. Get and Grow take the smallest that fits; what
// returns is kept for the next owner, until the garbage collector has run twice without anybody wanting it. So memory
// follows the load down again, and no class can hold on to another's. More than 1 MiB is allocated for the one who asks,
// in whole MiB, and left to the garbage collector afterwards: such buffers are rare, and keeping them would be costly.
//
// # The bound
//
// [Pool.Lent] is the memory lent, in bytes: whole classes, because that is what the machine has to find. It never counts
// what waits in a class. Get does not look at it and never blocks, because whoever already holds a buffer must be able to
// finish. Whoever starts something new calls [Pool.WaitForRoom] before, without holding a buffer:
//
//	if err := p.WaitForRoom(ctx, 64<<10, limit); err != nil {
//		return err
//	}
//	b := p.Get(64 << 10)
//
// WaitForRoom reserves nothing. Several that find room at the same moment all go ahead, so Lent may exceed the limit by what
// they take, plus what those who hold a buffer take in addition.
//
// # Looking for bugs
//
// Buffers are used again, so a Release too many that comes late may hit the next owner instead of panicking, and a late
// reader may see another message. Built with the tag pooldebug, returned bytes are overwritten and never lent again, those
// that Grow leaves behind too: then every Release too many panics, and every late reader sees bytes that make no sense.
package pool
