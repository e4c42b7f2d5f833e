// Package pool lends byte buffers that several owners can share, and knows to the byte how much it
// has lent.
//
// # Ownership
//
// [Pool.Get] lends a [Buffer] with one owner. [Buffer.Retain] adds an owner, [Buffer.Release] takes
// one away, and the last Release returns the memory. A Release too many is a bug of the caller and
// panics. The sole owner writes: it appends, and calls [Buffer.Grow] first, so that appending stays
// within memory of the pool. With a second owner the bytes are read-only.
//
// A pool knows how many of its buffers are lent. [Pool.InUse] is 0 when nothing is in flight; every
// test that makes a pool checks that at its end.
//
// # Classes
//
// Memory comes in classes of 4 KiB, 16 KiB, 64 KiB, 256 KiB and 1 MiB. Get and Grow take the
// smallest that fits. What returns is kept for the next owner, until the garbage collector has run
// twice without anybody wanting it. So memory follows the load down again, and one class cannot
// hold on to the memory of another. More than 1 MiB is allocated for the one who asks, in whole
// MiB, and left to the garbage collector afterwards: such buffers are rare, and keeping them would
// be costly.
//
// # The bound
//
// [Pool.Lent] is the memory lent, in bytes: whole classes, because that is what the machine has to
// find. What waits in a class for its next owner is not in it. Get does not look at it and never
// blocks, because whoever already holds a buffer must be able to finish. Whoever starts something
// new first calls [Pool.WaitForRoom], without holding a buffer:
//
//	if err := p.WaitForRoom(ctx, 64<<10, limit); err != nil {
//		return err
//	}
//	b := p.Get(64 << 10)
//
// That reserves nothing. Several that find room at the same moment all go ahead. So Lent may exceed
// the limit by what they take, and by what those who hold a buffer take in addition.
//
// # Looking for bugs
//
// Memory is used again. So a Release too many that comes late may hit the next owner instead of
// panicking, and a late reader may see another message. With the build tag pooldebug, returned
// bytes are overwritten and never lent again, and those that Grow leaves behind too. Then every
// Release too many panics, and every late reader sees bytes that make no sense.
package pool
